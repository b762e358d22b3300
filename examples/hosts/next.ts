import { commerce } from "./shop.ts"

const handle = (request: Request) => commerce.handler(request)

export { handle as GET, handle as PATCH, handle as POST, handle as PUT }
