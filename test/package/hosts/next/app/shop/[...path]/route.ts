import { commerce } from "../../../commerce"

const handler = async (request: Request) => (await commerce()).handler(request)

export const GET = handler
export const POST = handler
export const PUT = handler
export const PATCH = handler
