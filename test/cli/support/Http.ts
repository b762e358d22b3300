/** The few requests that tests of the command need. */
export const post = async (url: string, body: unknown, token = ""): Promise<Answer> => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` }
  return answerOf(await fetch(url, { method: "POST", headers, body: JSON.stringify(body) }))
}

export const get = async (url: string, token = ""): Promise<Answer> =>
  answerOf(await fetch(url, { headers: { authorization: `Bearer ${token}` } }))

interface Answer {
  readonly status: number
  readonly body: Readonly<Record<string, string>>
}

const answerOf = async (response: Response): Promise<Answer> => ({
  status: response.status,
  body: (await response.json()) as Record<string, string>
})

export const logIn = async (url: string, email: string, password: string): Promise<string> =>
  (await post(`${url}/auth/login`, { email, password })).body.accessToken ?? ""

/** A new product of which there are ten, as an admin. */
export const stockUp = async (url: string, token: string): Promise<string> => {
  const category = await post(`${url}/categories`, { name: crypto.randomUUID() }, token)
  const price = { amount: 1999, currency: "USD" }
  const product = { categoryId: category.body.id, name: "Mug", price, stock: 10 }
  return (await post(`${url}/products`, product, token)).body.id ?? ""
}

export const buy = async (url: string, token: string, productId: string): Promise<string> =>
  (await post(`${url}/orders`, { items: [{ productId, quantity: 1 }] }, token)).body.id ?? ""
