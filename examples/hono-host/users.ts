/** The users of the forum, by the token that they are logged in with. Their ids are texts of the forum's own. */
export interface User {
  readonly id: string
  readonly name: string
}

export const users: ReadonlyMap<string, User> = new Map([
  ["ada's token", { id: "user_2abc", name: "Ada" }],
  ["bob's token", { id: "17", name: "Bob" }]
])
