import { Context } from "effect"

/** Whether the server is about to stop. It still answers, but is not ready, so that load balancers send nothing more. */
export interface DrainingState {
  isDraining: boolean
  /** Whether another process goes on at the same port, which therefore stays ready. Defaults to false. */
  isReplaced?: boolean
}

/** The state that the server's readiness and its shutdown share. */
export const Draining = Context.Reference<DrainingState>("effect-commerce/http/Draining", {
  defaultValue: () => ({ isDraining: false })
})
