/** The library: `import { runContainer } from 'tsrun'`. */
export type { ContainerId, Digest } from './core/brands.ts';
export { TsrunError } from './core/errors.ts';
export type { RuntimeSpec } from './oci/runtime-spec.ts';
export { compilePlan } from './plan/compile.ts';
export type { ContainerInput, PlanInput } from './plan/container-input.ts';
export type { HostFacts } from './plan/host-facts.ts';
export type { Plan, Step, StepList } from './plan/step.ts';
export { type RunContainerRequest, runContainer } from './runtime/run-container.ts';
export { StepError } from './runtime/step-error.ts';
export type { RunOptions } from './spec/run-options.ts';
