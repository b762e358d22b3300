/** The users of the forum, by the token that they are logged in with. */
export interface User {
  readonly id: string
  readonly name: string
}

export const users: ReadonlyMap<string, User> = new Map([
  ["ada's token", { id: "0198c0de-0000-7000-8000-00000000000a", name: "Ada" }],
  ["bob's token", { id: "0198c0de-0000-7000-8000-00000000000b", name: "Bob" }]
])
