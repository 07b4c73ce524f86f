/**
 * `tsrun/linux`: the system calls that containers are made of, one function each, for scripts and lessons.
 *
 * A call that fails throws {@link SystemError}, with `code`, `errno`, `syscall` and `args`; a wrong argument is a TypeError.
 * All calls are synchronous and act on the thread that makes them. Where a call changes what the thread sees (`unshare`,
 * `setns`, `chroot`, `capset`), Node's asynchronous functions still see the old world from their own threads.
 */

export type { Path } from './native/addon.ts';
export * from './native/descriptor-calls.ts';
export * from './native/file-calls.ts';
export * from './native/flags.ts';
export * from './native/mount-calls.ts';
export * from './native/namespace-calls.ts';
export * from './native/process-calls.ts';
export * from './native/socket-calls.ts';
export { type SpawnIn, spawnIn } from './native/spawn-in.ts';
export { type CallArguments, SystemError } from './native/system-error.ts';
export * from './native/terminal-calls.ts';
export { type ProcessEnd, pollPid, waitPid } from './native/wait-pid.ts';
