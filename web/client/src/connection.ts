/**
 * Runs the connection state machine over real sockets, timers and random numbers. It takes no decision itself.
 *
 * While a server drains, the old socket stays open until the new one received `welcome`. Guarantees: `frame` is called in the
 * order of arrival; `up` is called before the `welcome` of its socket; `down` only after an `up`.
 */

import { attempt } from "./attempt";
import { uptime } from "./clock";
import { CLOSE_REACTIONS } from "./codes.gen";
import { type Action, AT_REST, type Signal, stepConnection } from "./connectionState";
import type { Drain, ServerFrame } from "./frames";

/** The part of a browser's `WebSocket` that this module uses. */
export interface SocketLike {
	send(data: string): void;
	close(code?: number): void;
	onopen: ((event: never) => void) | null;
	onmessage: ((event: never) => void) | null;
	onclose: ((event: never) => void) | null;
}

export interface ConnectionOptions {
	dial(): SocketLike;
	/** Sends the first frame of a connection, as JSON. */
	hello(socket: SocketLike): void;
	/** The frame of each heartbeat, as JSON. */
	ping(): string;
	/** Gets a new session; resolves to nothing without one. Does not reject. */
	session(): Promise<unknown>;
	frame(frame: ServerFrame, raw: string): void;
	up(): void;
	down(): void;
	/** Stopped by this close code and reason until `start`. If the code's reaction is `reload`, this version is too old. */
	stopped(code: number, reason: string): void;
}

export interface Connection {
	start(): void;
	stop(): void;
	/** The network came back, or the page became visible. */
	wake(): void;
	/** False when there is no live connection. True does not mean that the frame arrives. */
	send(raw: string): boolean;
}

// Provided by the browser, or by Node in tests.
declare function setTimeout(call: () => void, ms: number): number;
declare function clearTimeout(timer: number | undefined): void;

/** Wait after close code 4429 (too fast) when its reason has no number (ms). */
const DEFAULT_WAIT = 30_000;
/** Longest delay that timers accept (ms). */
const MAX_TIMER = 1e9;

export function makeConnection(options: ConnectionOptions): Connection {
	let at = AT_REST;
	/** The newest socket, whose state the machine tracks. Events of sockets that are neither this nor `live` are late. */
	let socket: SocketLike | null = null;
	/** The socket that received `welcome`; frames go out on this one. */
	let live: SocketLike | null = null;
	let timer: number | undefined;
	/** Code and reason of the last close. */
	let last: [number, string];

	function step(signal: Signal, value = 0): void {
		const [change, ...actions] = stepConnection(at, signal, value, uptime(), Math.random());
		at = { ...at, ...change };
		for (const action of actions) handlers[action]();
		clearTimeout(timer);
		// Timers take a time in the past as now.
		timer = setTimeout(() => step("tick"), Math.min(at.wake - uptime(), MAX_TIMER));
	}

	const handlers: Record<Action, () => void> = {
		dial() {
			const dialled = options.dial();
			socket = dialled;
			dialled.onopen = () => options.hello(dialled);
			dialled.onmessage = (event: { data: string }) => receive(dialled, event.data);
			dialled.onclose = (event: { code: number; reason: string }) =>
				onClose(dialled, event.code, event.reason);
		},
		ping: () => send(options.ping()),
		down() {
			socket?.close();
			// The socket of a draining server stays open while attempts to replace it fail.
			if (live === socket) disconnect();
			socket = null;
		},
		session: () => options.session().then((ok) => (ok ? step("start") : handlers.stopped())),
		stopped() {
			end();
			options.stopped(...last);
		},
	};

	function receive(from: SocketLike, raw: string): void {
		const frame: Partial<ServerFrame> = attempt(() => JSON.parse(raw)) ?? {};
		if (from === socket) {
			if (frame.type === "welcome") {
				takeOver();
				step(frame.type, frame.heartbeat_ms);
			}
			if (frame.type === "drain" || frame.type === "pong")
				step(frame.type, (frame as Partial<Drain>).within_ms);
		}
		if (frame.type && from === live) options.frame(frame as ServerFrame, raw);
	}

	function takeOver(): void {
		if (live !== socket) live?.close();
		live = socket;
		options.up();
	}

	function onClose(from: SocketLike, code: number, reason: string): void {
		if (from === live) disconnect();
		if (from !== socket) return;
		last = [code, reason];
		// Close code 4429 (too fast) has the wait in its reason (ms).
		step(CLOSE_REACTIONS[code] ?? "reconnect", +(/\d+/.exec(reason) ?? DEFAULT_WAIT));
	}

	function disconnect(): void {
		if (live) options.down();
		live = null;
	}

	function end(): void {
		live?.close();
		disconnect();
	}

	function send(raw: string): boolean {
		live?.send(raw);
		return !!live;
	}

	return {
		start: () => step("start"),
		stop() {
			clearTimeout(timer);
			at = AT_REST;
			handlers.down();
			end();
		},
		wake: () => step("wake"),
		send,
	};
}
