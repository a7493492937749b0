/**
 * Drives the connection machine over real sockets and timers, all of them passed in. Thin: every decision is the machine's.
 *
 * While a server drains, the old socket goes on until the new one is welcomed; only then it is closed.
 * Guarantees: `frame` is called in the order of arrival; `up` comes before the `welcome` of its socket; `down` only after an `up`.
 */
import {
	type Connection,
	type ConnectionAction,
	type ConnectionInput,
	IDLE,
	stepConnection,
} from "./connection";
import type { ServerFrame } from "./frames";
import { decode } from "./frames";

/** The part of a browser's WebSocket that is used. */
export interface SocketLike {
	readonly readyState: number;
	send(data: string): void;
	close(code?: number): void;
	onopen: ((event: never) => void) | null;
	onmessage: ((event: never) => void) | null;
	onclose: ((event: never) => void) | null;
}

export interface Surroundings {
	dial(): SocketLike;
	/** Milliseconds; must not jump with the wall clock's corrections more than pings can stand. */
	now(): number;
	chance(): number;
	/** Calls back once after `ms`; returns what undoes it. */
	after(ms: number, call: () => void): () => void;
	/** The first frame and the regular one, as JSON. */
	hello(): string;
	ping(): string;
	/** Gets a new session; true when there is one. */
	session(): Promise<boolean>;
	frame(frame: ServerFrame, raw: string): void;
	up(): void;
	down(): void;
	/** Given up with this close code, until `start` is called again. */
	stopped(code: number): void;
	/** This version is no longer served. */
	reload(): void;
}

const OPEN = 1;
/** The longest sleep that timers take (ms). */
const LONGEST_TIMER = 2 ** 31 - 1;

export class Link {
	private at: Connection = IDLE;
	/** The newest socket; the machine is about this one. */
	private socket: SocketLike | null = null;
	/** The one that was welcomed, and carries what is sent. */
	private live: SocketLike | null = null;
	private cancel = () => {};

	constructor(private readonly around: Surroundings) {}

	start(): void {
		this.feed({ type: "start" });
	}

	stop(): void {
		this.feed({ type: "stop" });
		this.end();
	}

	wake(): void {
		this.feed({ type: "wake" });
	}

	/** False when there is no live link: the caller keeps what it wanted to say. */
	send(raw: string): boolean {
		const open = this.live?.readyState === OPEN;
		if (open) this.live?.send(raw);
		return open;
	}

	private feed(input: ConnectionInput): void {
		const [next, actions] = stepConnection(this.at, input, this.around.now(), this.around.chance());
		this.at = next;
		for (const action of actions) this.act(action);
		this.cancel();
		const ms = this.at.wake - this.around.now();
		this.cancel =
			ms < LONGEST_TIMER ? this.around.after(Math.max(0, ms), () => this.feed({ type: "tick" })) : () => {};
	}

	private act(action: ConnectionAction): void {
		const { around } = this;
		switch (action.do) {
			case "dial":
				return this.dial();
			case "hello":
				return this.socket?.send(around.hello());
			case "ping":
				this.send(around.ping());
				return;
			case "abandon":
				return drop(this.socket);
			case "up":
				return this.takeOver();
			case "down":
				// A draining server's socket outlives failed attempts at the next one.
				return this.live === this.socket ? this.fall() : undefined;
			case "session":
				return this.renew();
			case "reload":
				this.end();
				return around.reload();
			case "stopped":
				this.end();
				return around.stopped(action.code);
		}
	}

	private dial(): void {
		const socket = this.around.dial();
		this.socket = socket;
		socket.onopen = () => {
			if (socket === this.socket) this.feed({ type: "opened" });
		};
		socket.onmessage = (event: { data: unknown }) => this.receive(socket, String(event.data));
		socket.onclose = (event: { code: number; reason: string }) => this.closed(socket, event);
	}

	private receive(socket: SocketLike, raw: string): void {
		const frame = decode(raw);
		if (!frame) return;
		if (socket === this.socket) this.feed(inputOf(frame));
		if (socket === this.live) this.around.frame(frame, raw);
	}

	private closed(socket: SocketLike, { code, reason }: { code: number; reason: string }): void {
		if (socket === this.socket) this.feed({ type: "closed", code, ...retryOf(reason) });
		else if (socket === this.live) this.fall();
	}

	private takeOver(): void {
		if (this.live !== this.socket) drop(this.live);
		this.live = this.socket;
		this.around.up();
	}

	private fall(): void {
		if (!this.live) return;
		this.live = null;
		this.around.down();
	}

	private renew(): void {
		this.around.session().then(
			(ok) => this.feed({ type: "session", ok }),
			() => this.feed({ type: "session", ok: false }),
		);
	}

	private end(): void {
		drop(this.live);
		this.fall();
	}
}

/** A socket that nobody listens to any more; a half-open one would report its end a minute late. */
function drop(socket: SocketLike | null): void {
	if (!socket) return;
	socket.onopen = socket.onmessage = socket.onclose = null;
	socket.close();
}

function inputOf(frame: ServerFrame): ConnectionInput {
	if (frame.type === "welcome") return { type: "welcome", heartbeat: frame.heartbeat_ms };
	if (frame.type === "drain") return { type: "drain", within: frame.within_ms };
	return { type: "heard" };
}

/** *Too fast* carries the wait as the number in its reason (s). */
function retryOf(reason: string): { retry?: number } {
	const told = /\d+/.exec(reason);
	return told ? { retry: Number(told[0]) * 1000 } : {};
}
