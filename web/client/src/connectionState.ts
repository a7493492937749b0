/**
 * State machine of one client's connection: signals in, actions out. It uses no socket, clock or random numbers; the driver
 * draws `chance` in [0, 1) for each step. Small on purpose: it is part of the script that every visited page loads.
 *
 * Every state is DIALLING, LIVE, WAITING or HELD with a time to wake, or STOPPED until `start`.
 */
import type { Reaction } from "./codes.gen";

/** Full jitter: the n-th wait is drawn from 0 … 0.5 s · 2ⁿ, at most 30 s, so that thousands of clients do not reconnect at once (ms). */
const FIRST_WAIT = 500;
const MAX_WAIT = 30_000;
/** Time-out from the dial to the `welcome` (ms). */
const DIAL_TIMEOUT = 10_000;
/** Time-out of the ping after a `wake` (ms): short, so that a dead connection is found in seconds. */
const WAKE_TIMEOUT = 4_000;
/** Unanswered pings after which a connection is dead. */
const MAX_MISSED = 2;

// Numbers, because names would make the script larger.
export const STOPPED = 0;
export const DIALLING = 1;
export const LIVE = 2;
export const WAITING = 3;
/** The wait that the server named; nothing shortens it. */
export const HELD = 4;

export interface ConnectionState {
	readonly phase: typeof STOPPED | typeof DIALLING | typeof LIVE | typeof WAITING | typeof HELD;
	/** When the next `tick` is due (ms). */
	readonly wake: number;
	/** Waits since the last connection that answered a heartbeat. */
	readonly attempt: number;
	/** Interval of pings, before its jitter of ±20 % (ms). */
	readonly pace: number;
	readonly missed: number;
	/** True from the request for a new session until a connection answers a heartbeat. */
	readonly renewed: boolean;
}

/**
 * Input of the machine, some with a number. A reaction (see the table of close codes) means that the newest socket closed; `wait`
 * carries the time that the server named (ms).
 */
export type Signal =
	| Reaction
	| "start"
	/** The newest socket received `welcome`; value: interval of pings (ms). */
	| "welcome"
	| "pong"
	/** The server drains; value: time within which to dial again (ms). */
	| "drain"
	/** The network came back, or the page became visible. */
	| "wake"
	| "tick";

/**
 * `down`: drop the newest socket without a closing handshake. `session`: get a new session, then `start`, else stop.
 * `stopped`: no further attempts.
 */
export type Action = "dial" | "ping" | "down" | "session" | "stopped";

/** Changed fields of the state, and the actions of the step. */
type Change = [Partial<ConnectionState>?, ...Action[]];

const NEVER = Number.POSITIVE_INFINITY;

/** The other fields are set before they are read. */
export const AT_REST = { phase: STOPPED, wake: NEVER, attempt: 0 } as ConnectionState;

export function stepConnection(
	at: ConnectionState,
	signal: Signal,
	value: number,
	now: number,
	chance: number,
): Change {
	const { phase, wake } = at;
	switch (signal) {
		case "start":
			return phase === STOPPED ? dial(now) : [];
		case "welcome":
			return phase === DIALLING ? [{ phase: LIVE, pace: value, wake: nextPing(value, now, chance) }] : [];
		case "pong":
			return [{ missed: 0 }];
		case "drain":
			// The old socket works until the new one does, so nothing goes down.
			return phase === LIVE ? [{ phase: WAITING, wake: now + chance * value }] : [];
		case "wake":
			if (phase === WAITING) return [{ wake: Math.min(wake, now + chance * FIRST_WAIT) }];
			return phase === LIVE ? [{ missed: MAX_MISSED, wake: now + WAKE_TIMEOUT }, "ping"] : [];
		case "tick":
			return now < wake ? [] : ticked(at, now, chance);
		case "reconnect":
			return retryLater(at.attempt, now, chance);
		case "wait":
			return [{ phase: HELD, wake: now + value + chance * FIRST_WAIT }, "down"];
		default: {
			const renewed = signal === "session" && !at.renewed;
			return [{ phase: STOPPED, wake: NEVER, renewed }, "down", renewed ? "session" : "stopped"];
		}
	}
}

function ticked({ phase, missed, pace, attempt }: ConnectionState, now: number, chance: number): Change {
	const live = phase === LIVE;
	if (phase === DIALLING || (live && missed >= MAX_MISSED)) return retryLater(attempt, now, chance);
	if (!live) return dial(now);
	// The connection lasted for a heartbeat: the next failure starts with short waits, and may ask for a new session.
	return [{ missed: missed + 1, attempt: 0, renewed: false, wake: nextPing(pace, now, chance) }, "ping"];
}

function nextPing(pace: number, now: number, chance: number): number {
	return now + pace * (0.8 + 0.4 * chance);
}

function dial(now: number): Change {
	return [{ phase: DIALLING, wake: now + DIAL_TIMEOUT, missed: 0 }, "dial"];
}

function retryLater(attempt: number, now: number, chance: number): Change {
	const wait = chance * Math.min(MAX_WAIT, FIRST_WAIT * 2 ** attempt);
	return [{ phase: WAITING, wake: now + wait, attempt: attempt + 1 }, "down"];
}
