import { connect, constants } from "node:http2";
import type {
  ClientHttp2Session,
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
  ServerHttp2Stream,
} from "node:http2";
/** Where a call goes: to a port of this machine; or nowhere, and why. */
export type Way =
  | { readonly kind: "port"; readonly port: number }
  | { readonly kind: "nowhere"; readonly message: string };

/** Google's codes. Source: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;

/** Hands gRPC calls on to the ports that their paths lead to, message by message and with their trailers. */
export function forwardCalls(wayOf: (path: string) => Way): {
  readonly onStream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;
  readonly close: () => void;
} {
  const sessions = new Map<number, ClientHttp2Session>();
  return {
    onStream: (stream, headers) => {
      // A caller may go at any moment; that is no fault of this end.
      stream.on("error", () => undefined);
      const way = wayOf(headers[":path"] ?? "/");
      if (way.kind === "nowhere") {
        refuse(stream, UNIMPLEMENTED, way.message);
        return;
      }
      forward(stream, headers, sessionWith(sessions, way.port));
    },
    close: () => {
      for (const session of sessions.values()) {
        session.destroy();
      }
    },
  };
}

function sessionWith(sessions: Map<number, ClientHttp2Session>, port: number): ClientHttp2Session {
  const open = sessions.get(port);
  if (open !== undefined && !open.closed && !open.destroyed) {
    return open;
  }
  const session = connect(`http://127.0.0.1:${port}`);
  session.on("error", () => undefined);
  session.on("close", () => {
    if (sessions.get(port) === session) {
      sessions.delete(port);
    }
  });
  sessions.set(port, session);
  return session;
}

function forward(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  session: ClientHttp2Session,
): void {
  const { ":authority": _, ...asked } = headers;
  const onward = session.request(asked, { endStream: false });
  let trailers: OutgoingHttpHeaders = {};
  onward.on("response", (answered, flags) => {
    if (stream.destroyed || stream.closed) {
      return;
    }
    // An answer that is an end at once has its status among the headers.
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.respond(answered, { endStream: true });
      return;
    }
    stream.respond(answered, { waitForTrailers: true });
    onward.pipe(stream);
  });
  onward.on("trailers", (sent: IncomingHttpHeaders) => {
    trailers = sent;
  });
  stream.on("wantTrailers", () => {
    stream.sendTrailers(trailers);
  });
  onward.on("error", (error: Error) => {
    if (stream.headersSent || stream.destroyed) {
      stream.close(constants.NGHTTP2_CANCEL);
    } else {
      refuse(stream, UNAVAILABLE, error.message);
    }
  });
  stream.on("close", () => {
    onward.close(constants.NGHTTP2_CANCEL);
  });
  stream.pipe(onward);
}

function refuse(stream: ServerHttp2Stream, code: number, message: string): void {
  stream.respond(
    {
      ":status": 200,
      "content-type": "application/grpc",
      "grpc-status": String(code),
      "grpc-message": encodeURI(message),
    },
    { endStream: true },
  );
}
