/** A TCP connection to somewhere that can be cut and mended. */
import { once } from "node:events"
import { connect, createServer, type Server, type Socket } from "node:net"

export interface Cable {
  readonly port: number
  /** Breaks every connection; new ones are refused until it is mended. */
  readonly cut: () => Promise<void>
  /** Breaks every connection; new ones are taken. */
  readonly shake: () => void
  readonly mend: () => Promise<void>
}

export const layCable = async (host: string, port: number): Promise<Cable> => {
  const ends = new Set<Socket>()
  const hold = (socket: Socket, other: Socket) => {
    ends.add(socket)
    socket.on("error", () => {}).on("close", () => ends.delete(socket) && other.destroy())
    socket.pipe(other)
  }
  let server: Server
  const listen = async (at: number) => {
    server = createServer((near) => {
      const far = connect(port, host)
      hold(near, far)
      hold(far, near)
    })
    await once(server.listen(at, "127.0.0.1"), "listening")
    const address = server.address()
    return typeof address === "object" && address !== null ? address.port : 0
  }
  const own = await listen(0)
  const shake = () => ends.forEach((socket) => void socket.destroy())
  return {
    port: own,
    shake,
    cut: async () => {
      const closed = once(server.close(), "close")
      shake()
      await closed
    },
    mend: async () => void (await listen(own))
  }
}
