import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** Who gets a connection, once it is known what is spoken on it. */
export type Protocols = {
  readonly onHttp1: (socket: Socket) => void;
  readonly onHttp2: (socket: Socket) => void;
};

/** A port that is being listened on. */
export type Listener = {
  readonly port: number;
  /** Cuts every connection and frees the port. */
  readonly close: () => Promise<void>;
};

/**
 * The first bytes of an HTTP/2 connection that is begun with prior knowledge. No HTTP/1 method begins
 * like this, so three bytes are enough to tell.
 * Source: https://www.rfc-editor.org/rfc/rfc9113#section-3.4
 */
const HTTP2_PREFACE = "PRI";

/**
 * Listens on the loopback interface and hands each connection to the protocol that it speaks.
 * @throws Error when the port is taken.
 */
export async function listen(port: number, protocols: Protocols): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A caller may go at any moment; that is no fault of the server.
    socket.on("error", () => socket.destroy());
    peek(socket, protocols);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("The server listens on no port");
  }
  return {
    port: address.port,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) {
        socket.destroy();
      }
      await closed;
    },
  };
}

/** Reads just enough to tell, puts it back, and hands the socket on. */
function peek(socket: Socket, protocols: Protocols, before: Buffer = Buffer.alloc(0)): void {
  socket.once("data", (chunk: Buffer) => {
    socket.pause();
    const bytes = Buffer.concat([before, chunk]);
    if (bytes.length < HTTP2_PREFACE.length) {
      peek(socket, protocols, bytes);
      socket.resume();
      return;
    }
    socket.unshift(bytes);
    const isHttp2 = bytes.toString("latin1", 0, HTTP2_PREFACE.length) === HTTP2_PREFACE;
    (isHttp2 ? protocols.onHttp2 : protocols.onHttp1)(socket);
    if (!isHttp2) {
      socket.resume();
    }
  });
}
