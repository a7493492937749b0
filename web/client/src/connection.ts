/**
 * Drives the connection machine over real sockets, timers and chance. Thin: every decision is the machine's.
 *
 * While a server drains, the old socket goes on until the new one is welcomed; only then it is closed. Guarantees: `frame` is
 * called in the order of arrival; `up` comes before the `welcome` of its socket; `down` only after an `up`.
 */
import { CLOSE_REACTIONS } from "./codes.gen";
import { type Action, type Signal, STOPPED, stepConnection } from "./connectionState";
import { decode, type ServerFrame } from "./frames";

/** The part of a browser's WebSocket that is used. */
export interface SocketLike {
	send(data: string): void;
	close(code?: number): void;
	onopen: ((event: never) => void) | null;
	onmessage: ((event: never) => void) | null;
	onclose: ((event: never) => void) | null;
}

export interface ConnectionOptions {
	dial(): SocketLike;
	/** The first frame and the regular one, as JSON. */
	hello(): string;
	ping(): string;
	/** Gets a new session; true when there is one. Does not reject. */
	session(): Promise<boolean>;
	frame(frame: ServerFrame, raw: string): void;
	up(): void;
	down(): void;
	/** Given up with this close code, until `start` is called again. Where the code's reaction is `reload`, this version is too old. */
	stopped(code: number): void;
}

export interface Connection {
	start(): void;
	stop(): void;
	/** The network came back, or the page became visible. */
	wake(): void;
	/** False when there is no live link. True is no promise: only an answer is. */
	send(raw: string): boolean;
}

// The rim needs these of its environment, which is a browser, or Node in tests.
declare function setTimeout(call: () => void, ms: number): number;
declare function clearTimeout(timer: number | undefined): void;

/** The wait after *too fast* when the server names none (ms). */
const TOLD_NOTHING = 30_000;
/** The longest sleep that timers take (ms). */
const LONGEST_TIMER = 2 ** 31 - 1;

export function makeConnection(around: ConnectionOptions): Connection {
	let at = STOPPED;
	/** The newest socket; the machine is about this one. */
	let socket: SocketLike | null = null;
	/** The one that was welcomed, and carries what is sent. */
	let live: SocketLike | null = null;
	let timer: number | undefined;
	/** The close code that a final stop is for. */
	let last = 0;

	function feed(signal: Signal, value = 0): void {
		const [next, actions] = stepConnection(at, signal, value, Date.now(), Math.random());
		at = next;
		for (const action of actions) acts[action]();
		clearTimeout(timer);
		timer = setTimeout(() => feed("tick"), Math.max(0, Math.min(at.wake - Date.now(), LONGEST_TIMER)));
	}

	const acts: Record<Action, () => void> = {
		dial() {
			const dialled = around.dial();
			socket = dialled;
			dialled.onopen = () => dialled.send(around.hello());
			dialled.onmessage = (event: { data: string }) => receive(dialled, event.data);
			dialled.onclose = (event: { code: number; reason: string }) => lose(dialled, event.code, event.reason);
		},
		ping: () => send(around.ping()),
		down() {
			drop(socket);
			// A draining server's socket outlives failed attempts at the next one.
			if (live === socket) fall();
		},
		session: () => around.session().then((ok) => (ok ? feed("start") : acts.stopped())),
		stopped() {
			end();
			around.stopped(last);
		},
	};

	function receive(from: SocketLike, raw: string): void {
		const frame = decode(raw);
		if (!frame) return;
		if (from === socket) {
			if (frame.type === "welcome") {
				takeOver();
				feed("welcome", frame.heartbeat_ms);
			}
			if (frame.type === "pong") feed("pong");
			if (frame.type === "drain") feed("drain", frame.within_ms);
		}
		if (from === live) around.frame(frame, raw);
	}

	function takeOver(): void {
		if (live !== socket) drop(live);
		live = socket;
		around.up();
	}

	function lose(from: SocketLike, code: number, reason: string): void {
		if (from !== socket) {
			fall();
			return;
		}
		last = code;
		// *Too fast* carries the wait as the number in its reason (ms).
		feed(CLOSE_REACTIONS[code] ?? "reconnect", +(/\d+/.exec(reason) ?? TOLD_NOTHING));
	}

	function fall(): void {
		if (live) around.down();
		live = null;
	}

	function end(): void {
		drop(live);
		fall();
	}

	function send(raw: string): boolean {
		live?.send(raw);
		return !!live;
	}

	return {
		start: () => feed("start"),
		stop() {
			clearTimeout(timer);
			at = STOPPED;
			drop(socket);
			end();
		},
		wake: () => feed("wake"),
		send,
	};
}

/** Nobody listens to it any more; a half-open one would report its end a minute late. */
function drop(socket: SocketLike | null): void {
	if (!socket) return;
	socket.onopen = socket.onmessage = socket.onclose = null;
	socket.close();
}
