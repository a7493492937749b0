/**
 * The life of one client's connection, as a machine: signals in, actions out. No socket, clock or chance of its own; `chance` in
 * [0, 1) is drawn by the driver for each step. Small on purpose: it is part of the script that every visited page loads.
 *
 * It always ends in `live`, `waiting` or `held` (with a time to wake), or `stopped` (until somebody starts it again).
 */
import type { Reaction } from "./codes.gen";

/** Full jitter: the n-th wait is drawn from 0 … 0.5 s · 2ⁿ, at most 30 s, so that thousands do not come back as one (ms). */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** From the dial to the `welcome` (ms). */
const DIAL_PATIENCE = 10_000;
/** The answer to a ping after waking from sleep must come by then (ms); nobody should stare at a dead chat for a minute. */
const WAKE_PATIENCE = 4_000;
/** Unanswered pings that make a link dead. */
const DEAD_AFTER = 2;

export interface ConnectionState {
	/** `held` waits as told by the server, and nothing shortens it. */
	readonly phase: "stopped" | "dialling" | "live" | "waiting" | "held";
	/** When `tick` is due (ms). */
	readonly wake: number;
	/** Waits since the last link that lived. */
	readonly attempt: number;
	/** Between pings, before its ±20 % (ms). */
	readonly pace: number;
	readonly missed: number;
	/** When to dial anew because the server drains (ms). */
	readonly drainAt: number;
	/** A new session was asked for and has not led to a link that lived. */
	readonly renewed: boolean;
}

/**
 * What happened; a number comes along where one is named. A reaction (of the table of close codes) says that the newest socket is
 * gone, `wait` with the ms that the server asks for.
 */
export type Signal =
	| Reaction
	| "start"
	/** The newest socket was welcomed; ms between pings. */
	| "welcome"
	| "pong"
	/** Ms within which to dial anew. */
	| "drain"
	/** The network came back, or the page became visible. */
	| "wake"
	| "tick";

/**
 * `down`: the newest socket is to be dropped without waiting for the other side. `session`: get a new one, then start, or else give
 * up. `stopped`: given up.
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
			return phase === "live" ? [{ missed: DEAD_AFTER, wake: now + WAKE_PATIENCE }, "ping"] : [];
		case "tick":
			return now < wake ? [] : ticked(at, now, chance);
		case "reconnect":
			return lost(at.attempt, now, chance);
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
	if (phase === "dialling" || (live && missed >= DEAD_AFTER)) return lost(attempt, now, chance);
	if (!live || now >= drainAt) return dial(now);
	// It lived for a heartbeat: the next trouble starts with short waits, and with a new session if need be.
	const wake = Math.min(drainAt, nextPing(pace, now, chance));
	return [{ missed: missed + 1, attempt: 0, renewed: false, wake }, "ping"];
}

function nextPing(pace: number, now: number, chance: number): number {
	return now + pace * (0.8 + 0.4 * chance);
}

function dial(now: number): Change {
	return [{ phase: "dialling", wake: now + DIAL_PATIENCE, drainAt: NEVER, missed: 0 }, "dial"];
}

function lost(attempt: number, now: number, chance: number): Change {
	const wait = chance * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt);
	return [{ phase: "waiting", wake: now + wait, attempt: attempt + 1 }, "down"];
}
