import { Name } from "./Text.ts"

/** When something is done, and by whom. */
export interface Attribution {
  readonly at: Date
  readonly actor: string
}

/** Schema of the actor of a change: an account id, or a name that the host chooses ("system", "warehouse 7"). */
export const Actor = Name(255)

/** Actor of a change if the caller names none. */
export const systemActor = "system"
