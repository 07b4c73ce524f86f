/**
 * Words before a command that must not change the machine's mounts: it runs in a mount namespace of its own, whose changes
 * nobody else sees and which goes with its last process.
 */
export const PRIVATE_MOUNTS: readonly string[] = ['unshare', '--mount', '--propagation', 'private', '--'];
