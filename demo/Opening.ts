/** The shop opens: the admin fills the catalog, a customer registers and browses. */
import { check, heading, type Person, person } from "./Narrator.ts"
import { admin as adminLogin } from "./Server.ts"
import type { Account, Category, Page, Problem, Product, Send, Tokens } from "./Shop.ts"
import { euros, problem, product } from "./Show.ts"

/** Who is in the story, and what is for sale. */
export interface Shop {
  readonly visitor: Person
  readonly admin: Person
  readonly ada: Person
  readonly beans: Product
  readonly pot: Product
}

const logIn = async (send: Send, name: string, body: { email: string; password: string }) => {
  const show = ({ tokenType, expiresIn }: Tokens) => ({ tokenType, expiresIn })
  const tokens = await person(send, name)<Tokens>("POST", "/auth/login", { body, status: 200, show })
  check("the access token is good for a quarter of an hour", tokens.expiresIn, 15 * 60)
  return person(send, name, tokens.accessToken)
}

const fillCatalog = async (admin: Person) => {
  const { id: categoryId } = await admin<Category>("POST", "/categories", {
    body: { name: "Coffee" },
    status: 201,
    show: ({ id, name }) => ({ id, name })
  })
  const create = (name: string, price: number, stock: number) =>
    admin<Product>("POST", "/products", {
      body: { categoryId, name, price: euros(price), stock },
      status: 201,
      show: product
    })
  return { beans: await create("Espresso beans", 1850, 10), pot: await create("Moka pot", 3200, 3) }
}

export const open = async (send: Send): Promise<Shop> => {
  const visitor = person(send, "Visitor")

  heading("The admin logs in and fills the empty catalog")
  const empty = await visitor<Page<Product>>("GET", "/products", { status: 200, show: ({ items }) => items })
  check("there is nothing to buy yet", empty.items, [])
  const admin = await logIn(send, "Admin", adminLogin)
  const { beans, pot } = await fillCatalog(admin)

  heading("Ada registers and logs in")
  const body = { email: "ada@example.com", password: "correct horse battery" }
  const show = ({ email, role }: Account) => ({ email, role })
  const account = await visitor<Account>("POST", "/auth/register", { body, status: 201, show })
  check("who registers is a customer", account.role, "customer")
  const ada = await logIn(send, "Ada", body)
  const tea = { body: { name: "Tea" }, status: 403, show: problem }
  const refusal = await ada<Problem>("POST", "/categories", tea)
  check("a customer does not change the catalog", refusal.code, "forbidden")

  heading("Ada browses")
  const query = "/products?q=espresso&inStock=true&sort=price"
  const found = await ada<Page<Product>>("GET", query, {
    status: 200,
    show: ({ items }) => items.map(product)
  })
  check("she finds the beans by a word of their name", found.items, [beans])

  return { visitor, admin, ada, beans, pot }
}
