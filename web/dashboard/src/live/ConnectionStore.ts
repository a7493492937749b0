/**
 * The websocket of this tab. Passes each frame to the listeners in the order of arrival, and matches answers to requests by
 * `ref`.
 * A request without an answer rejects with `offline`: its outcome is unknown until the next `welcome`.
 */
import type { ClientFrame, Cursor, ServerFrame } from "@palique/client";
import { CLOSE_CODES, type Connection, makeConnection } from "@palique/client";
import { type ReadonlySignal, signal } from "@preact/signals";
import { Problem } from "../api/http";

export type ConnectionPhase = "connecting" | "live" | "offline" | "replaced" | "refused";

type Answer = Extract<ServerFrame, { type: "reply" | "chat_started" }>;
type RequestFrame = Extract<
	ClientFrame,
	{ ref: string; type: "start_chat" | "accept" | "release" | "take_over" | "close" | "follow" | "unfollow" }
>;
type RequestInput = RequestFrame extends infer One
	? One extends RequestFrame
		? Omit<One, "ref">
		: never
	: never;

interface Pending {
	resolve: (answer: Answer) => void;
	reject: (problem: Problem) => void;
}

interface Listener {
	frame(frame: ServerFrame): void;
	down(): void;
}

interface ConnectionOptions {
	view: Window;
	url: string;
	/** Resolves to true while the session is valid. */
	session: () => Promise<boolean>;
	cursors: () => Cursor[];
	/** The first frame after the `hello` of each connection. */
	opening: () => ClientFrame;
}

const CLOSED_FOR = { session: 4401, revoked: 4403, replaced: 4409 } as const;
// Same as the gateway's time-out for a slow database.
const ANSWER_TIMEOUT_MS = 15_000;

declare module "../StoresContext" {
	interface Stores {
		connection: ConnectionStore;
	}
}

export class ConnectionStore {
	readonly #phase = signal<ConnectionPhase>("connecting");
	readonly #doubtful = signal(false);
	readonly #outages = signal<readonly string[]>([]);
	readonly #connection: Connection;
	readonly #options: ConnectionOptions;
	readonly #listeners: Listener[] = [];
	readonly #pending = new Map<string, Pending>();
	#refs = 0;
	/** Called when the gateway rejects the session. */
	onSignedOut: () => void = () => {};

	constructor(options: ConnectionOptions) {
		this.#options = options;
		this.#connection = this.#makeConnection(options);
		// On both events the connection is tested: a dead one would be noticed a minute later.
		options.view.addEventListener("online", () => this.#connection.wake());
		options.view.addEventListener("offline", () => {
			this.#doubtful.value = true;
			this.#connection.wake();
		});
		options.view.document.addEventListener("visibilitychange", () => {
			if (options.view.document.visibilityState === "visible") this.#connection.wake();
		});
	}

	get phase(): ReadonlySignal<ConnectionPhase> {
		return this.#phase;
	}

	/** True from the loss of the network until the server answers again: the connection may be dead. */
	get doubtful(): ReadonlySignal<boolean> {
		return this.#doubtful;
	}

	/** Backends of the gateway that do not answer; empty without a connection. */
	get outages(): ReadonlySignal<readonly string[]> {
		return this.#outages;
	}

	listen(listener: Listener): void {
		this.#listeners.push(listener);
	}

	start(): void {
		this.#phase.value = "connecting";
		this.#connection.start();
	}

	stop(): void {
		this.#connection.stop();
	}

	/** False without a connection: the frame is dropped. */
	send(frame: ClientFrame): boolean {
		return this.#connection.send(JSON.stringify(frame));
	}

	/** Rejects with `Problem`. */
	request(request: RequestInput): Promise<Answer> {
		const ref = `request-${++this.#refs}`;
		return new Promise((resolve, reject) => {
			if (!this.send({ ...request, ref } as ClientFrame)) return reject(new Problem("offline", 0, null));
			this.#pending.set(ref, { resolve, reject });
			this.#options.view.setTimeout(() => this.#refuse(ref, "offline"), ANSWER_TIMEOUT_MS);
		});
	}

	#makeConnection({ url, session, cursors, opening }: ConnectionOptions): Connection {
		return makeConnection({
			dial: () => new WebSocket(url, "palique.v1"),
			hello(socket) {
				socket.send(JSON.stringify({ type: "hello", client: "dashboard/1.0", cursors: cursors() }));
				// The gateway handles it after the welcome, so the answer does not wait for one more round trip.
				socket.send(JSON.stringify(opening()));
			},
			ping: () => JSON.stringify({ type: "ping", cursors: cursors() }),
			session,
			frame: (frame) => this.#receive(frame),
			up: () => {
				this.#doubtful.value = false;
				this.#outages.value = [];
				this.#phase.value = "live";
			},
			down: () => this.#down(),
			stopped: (code) => this.#stopped(code),
		});
	}

	#receive(frame: ServerFrame): void {
		this.#doubtful.value = false;
		if (frame.type === "reply" || frame.type === "chat_started") this.#answer(frame);
		if (frame.type === "away") this.#outages.value = frame.services;
		if (frame.type === "error" && frame.ref) this.#refuse(frame.ref, frame.code, frame.message);
		for (const listener of this.#listeners) listener.frame(frame);
	}

	#answer(answer: Answer): void {
		if (answer.type === "reply" && !answer.ok) {
			this.#refuse(answer.ref, answer.code ?? "unavailable", answer.message);
			return;
		}
		this.#pending.get(answer.ref)?.resolve(answer);
		this.#pending.delete(answer.ref);
	}

	#refuse(ref: string, code: string, detail?: string): void {
		const body = detail ? { code, detail } : null;
		this.#pending.get(ref)?.reject(new Problem(code, 0, body));
		this.#pending.delete(ref);
	}

	#down(): void {
		this.#outages.value = [];
		this.#phase.value = "offline";
		for (const ref of [...this.#pending.keys()]) this.#refuse(ref, "offline");
		for (const listener of this.#listeners) listener.down();
	}

	#stopped(code: number): void {
		if (CLOSE_CODES[code]?.reaction === "reload") this.#options.view.location.reload();
		if (code === CLOSED_FOR.session || code === CLOSED_FOR.revoked) this.onSignedOut();
		this.#phase.value = code === CLOSED_FOR.replaced ? "replaced" : "refused";
	}
}
