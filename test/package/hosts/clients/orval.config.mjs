const input = "./openapi.json"

export default {
  shop: { input, output: { target: "client.ts", client: "fetch", baseUrl: process.env.API_URL } },
  zod: { input, output: { target: "zod.ts", client: "zod" } }
}
