/** What tests say of answers. */
import { expect } from "vitest"
import type { Answer } from "./Caller.ts"
import { type Code, problems } from "./Shapes.ts"

/** The body of an answer that must be of this status. */
export const expectStatus = <A>(answer: Answer<A>, status: number): A => {
  expect(answer.status, answer.request).toBe(status)
  return answer.body
}

export const ok = async <A>(answer: Promise<Answer<A>>): Promise<A> => expectStatus(await answer, 200)
export const created = async <A>(answer: Promise<Answer<A>>): Promise<A> => expectStatus(await answer, 201)

/** A refusal, with the data that it must carry. */
export const expectProblem = (answer: Answer, status: number, code: Code, data: object = {}) => {
  expect(problems[code].status).toBe(status)
  expect(answer.body, answer.request).toMatchObject({ status, code, ...data })
}

/** A refusal of the request itself: all its faults, as JSON Pointers. */
export const expectFaults = (answer: Answer, ...paths: ReadonlyArray<string>) => {
  expectProblem(answer, 400, "invalid-request")
  const { errors } = answer.body as { readonly errors: ReadonlyArray<{ readonly path: string }> }
  expect(new Set(errors.map(({ path }) => path)), answer.request).toEqual(new Set(paths))
}
