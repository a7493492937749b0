/**
 * State machine of one client's connection: signals in, actions out. It uses no socket, clock or random numbers; the driver
 * draws `chance` in [0, 1) for each step. Small on purpose: it is part of the script that every visited page loads.
 *
 * Every state is `dialling`, `live`, `waiting` or `held` with a time to wake, or `stopped` until `start`.
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

export interface ConnectionState {
	/** `held`: the wait that the server named; nothing shortens it. */
	readonly phase: "stopped" | "dialling" | "live" | "waiting" | "held";
	/** When the next `tick` is due (ms). */
	readonly wake: number;
	/** Waits since the last connection that answered a heartbeat. */
	readonly attempt: number;
	/** Interval of pings, before its jitter of ±20 % (ms). */
	readonly pace: number;
	readonly missed: number;
	/** When to dial again because the server drains (ms). */
	readonly drainAt: number;
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

type Change = [Partial<ConnectionState>?, ...Action[]];

const NEVER = Number.POSITIVE_INFINITY;

export const STOPPED: ConnectionState = {
	phase: "stopped",
	wake: NEVER,
	attempt: 0,
	pace: 20_000,
	missed: 0,
	drainAt: NEVER,
	renewed: false,
};

export function stepConnection(
	at: ConnectionState,
	signal: Signal,
	value: number,
	now: number,
	chance: number,
): [ConnectionState, Action[]] {
	const [change, ...actions] = decide(at, signal, value, now, chance);
	return [{ ...at, ...change }, actions];
}

function decide(at: ConnectionState, signal: Signal, value: number, now: number, chance: number): Change {
	const { phase, wake } = at;
	switch (signal) {
		case "start":
			return phase === "stopped" ? dial(now) : [];
		case "welcome":
			return phase === "dialling" ? [{ phase: "live", pace: value, wake: nextPing(value, now, chance) }] : [];
		case "pong":
			return [{ missed: 0 }];
		case "drain": {
			const drainAt = now + chance * value;
			return phase === "live" ? [{ drainAt, wake: Math.min(wake, drainAt) }] : [];
		}
		case "wake":
			if (phase === "waiting") return [{ wake: Math.min(wake, now + chance * FIRST_WAIT) }];
			return phase === "live" ? [{ missed: MAX_MISSED, wake: now + WAKE_TIMEOUT }, "ping"] : [];
		case "tick":
			return now < wake ? [] : ticked(at, now, chance);
		case "reconnect":
			return retryLater(at.attempt, now, chance);
		case "wait":
			return [{ phase: "held", wake: now + value + chance * FIRST_WAIT }, "down"];
		default: {
			const renewed = signal === "session" && !at.renewed;
			return [{ phase: "stopped", wake: NEVER, renewed }, "down", renewed ? "session" : "stopped"];
		}
	}
}

function ticked(
	{ phase, missed, pace, drainAt, attempt }: ConnectionState,
	now: number,
	chance: number,
): Change {
	const live = phase === "live";
	if (phase === "dialling" || (live && missed >= MAX_MISSED)) return retryLater(attempt, now, chance);
	if (!live || now >= drainAt) return dial(now);
	// The connection lasted for a heartbeat: the next failure starts with short waits, and may ask for a new session.
	const wake = Math.min(drainAt, nextPing(pace, now, chance));
	return [{ missed: missed + 1, attempt: 0, renewed: false, wake }, "ping"];
}

function nextPing(pace: number, now: number, chance: number): number {
	return now + pace * (0.8 + 0.4 * chance);
}

function dial(now: number): Change {
	return [{ phase: "dialling", wake: now + DIAL_TIMEOUT, drainAt: NEVER, missed: 0 }, "dial"];
}

function retryLater(attempt: number, now: number, chance: number): Change {
	const wait = chance * Math.min(MAX_WAIT, FIRST_WAIT * 2 ** attempt);
	return [{ phase: "waiting", wake: now + wait, attempt: attempt + 1 }, "down"];
}
