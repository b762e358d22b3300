/** A judge in the manner of Jepsen: records what callers are answered, and checks afterwards whether it is true. */
export type { Json, Method } from "./Calls.ts"
export { type FinalOrder, type FinalState, type FinalStateSettings, readFinalState } from "./FinalState.ts"
export { type Finding, type Rule, rules } from "./Finding.ts"
export {
  Completion,
  fromJsonLines,
  type History,
  type HistoryEvent,
  Invocation,
  toJsonLine,
  toJsonLines
} from "./History.ts"
export { type JudgeSettings, judge, judgeShop } from "./Judge.ts"
export { type Arguments, makeRecorder, type Recorder, type RecorderSettings } from "./Recorder.ts"
export type { EffectOrPromise, ShopUnderTest } from "./ShopUnderTest.ts"
export { runWorkload, type WorkloadSettings } from "./Workload.ts"
