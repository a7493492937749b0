/**
 * The life of one client's connection, as a machine: inputs in, actions out. No socket, clock or chance of its own; `chance` in
 * [0, 1) is drawn by the driver for each step. Small on purpose: it is part of the script that every visited page loads.
 *
 * It always ends in `live`, `waiting` or `held` (with a time to wake) or `stopped` (until somebody starts it again).
 */
import { CLOSE_CODES } from "./codes.gen";

/** Full jitter: the n-th wait is drawn from 0 … 0.5 s · 2ⁿ, at most 30 s, so that thousands do not come back as one (ms). */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
/** Dial, and the wait for `welcome` (ms). */
const DIAL_PATIENCE = 10_000;
/** A link that lived this long starts again with short waits; one that is cut at once does not (ms). */
const SETTLED = 10_000;
/** The wait after *too fast* when the server names none (ms). */
const TOO_FAST_WAIT = 30_000;
/** The answer to a ping after waking from sleep must come by then (ms); nobody should stare at a dead chat for a minute. */
const WAKE_PATIENCE = 4_000;
/** Unanswered pings that make a link dead. */
const DEAD_AFTER = 2;

export interface Connection {
	readonly phase: "idle" | "session" | "dialling" | "greeting" | "live" | "waiting" | "held" | "stopped";
	/** When `tick` is due (ms). */
	readonly wake: number;
	readonly attempt: number;
	readonly liveSince: number;
	/** Between pings, before its ±20 % (ms). */
	readonly heartbeat: number;
	readonly unanswered: number;
	/** When to dial anew because the server drains (ms). */
	readonly drainAt: number;
	/** A new session was asked for and has not led to a live link yet. */
	readonly renewed: boolean;
}

export type ConnectionInput =
	| { type: "start" }
	| { type: "opened" }
	| { type: "welcome"; heartbeat: number }
	/** Any frame proves the link. */
	| { type: "heard" }
	| { type: "drain"; within: number }
	/** The newest socket is gone; `retry` is the wait that the server asked for (ms). */
	| { type: "closed"; code: number; retry?: number }
	/** The network came back, or the page became visible. */
	| { type: "wake" }
	| { type: "session"; ok: boolean }
	| { type: "stop" }
	| { type: "tick" };

export type ConnectionAction =
	| { do: "dial" }
	| { do: "hello" }
	| { do: "ping" }
	/** Drop the newest socket without waiting for the other side. */
	| { do: "abandon" }
	| { do: "session" }
	| { do: "up" }
	| { do: "down" }
	| { do: "reload" }
	| { do: "stopped"; code: number };

type Next = [Connection, ConnectionAction[]];

const NEVER = Number.POSITIVE_INFINITY;

export const IDLE: Connection = {
	phase: "idle",
	wake: NEVER,
	attempt: 0,
	liveSince: 0,
	heartbeat: 20_000,
	unanswered: 0,
	drainAt: NEVER,
	renewed: false,
};

export function stepConnection(at: Connection, input: ConnectionInput, now: number, chance: number): Next {
	switch (input.type) {
		case "start":
			return at.phase === "idle" || at.phase === "stopped" ? dial({ ...IDLE }, now) : [at, []];
		case "opened":
			return at.phase === "dialling" ? [{ ...at, phase: "greeting" }, [{ do: "hello" }]] : [at, []];
		case "welcome":
			return welcomed(at, input.heartbeat, now, chance);
		case "heard":
			return [at.unanswered ? { ...at, unanswered: 0 } : at, []];
		case "drain":
			return at.phase === "live" ? draining(at, now + chance * input.within) : [at, []];
		case "closed":
			return closed(at, input.code, input.retry, now, chance);
		case "wake":
			return woken(at, now, chance);
		case "session":
			return sessionAnswered(at, input.ok, now);
		case "stop":
			return [{ ...IDLE, phase: "stopped" }, [{ do: "abandon" }, { do: "down" }]];
		case "tick":
			return now < at.wake ? [at, []] : ticked(at, now, chance);
	}
}

function dial(at: Connection, now: number): Next {
	const wake = now + DIAL_PATIENCE;
	return [{ ...at, phase: "dialling", wake, drainAt: NEVER, unanswered: 0 }, [{ do: "dial" }]];
}

function welcomed(at: Connection, heartbeat: number, now: number, chance: number): Next {
	if (at.phase !== "greeting") return [at, []];
	const next: Connection = { ...at, phase: "live", liveSince: now, heartbeat, unanswered: 0 };
	return [{ ...next, wake: pingTime(next, now, chance) }, [{ do: "up" }]];
}

function pingTime(at: Connection, now: number, chance: number): number {
	return Math.min(now + at.heartbeat * (0.8 + 0.4 * chance), at.drainAt);
}

function draining(at: Connection, drainAt: number): Next {
	return [{ ...at, drainAt, wake: Math.min(at.wake, drainAt) }, []];
}

function ticked(at: Connection, now: number, chance: number): Next {
	switch (at.phase) {
		case "waiting":
		case "held":
			return dial(at, now);
		case "dialling":
		case "greeting":
			return lost(at, now, chance, [{ do: "abandon" }]);
		case "live":
			return beat(at, now, chance);
		default:
			return [{ ...at, wake: NEVER }, []];
	}
}

function beat(at: Connection, now: number, chance: number): Next {
	if (now >= at.drainAt) return dial(at, now);
	if (at.unanswered >= DEAD_AFTER) return lost(at, now, chance, [{ do: "abandon" }]);
	const next = { ...at, unanswered: at.unanswered + 1 };
	return [{ ...next, wake: pingTime(next, now, chance) }, [{ do: "ping" }]];
}

function woken(at: Connection, now: number, chance: number): Next {
	if (at.phase === "waiting") return [{ ...at, wake: Math.min(at.wake, now + chance * FIRST_WAIT) }, []];
	if (at.phase !== "live") return [at, []];
	return [
		{ ...at, unanswered: DEAD_AFTER, wake: Math.min(at.drainAt, now + WAKE_PATIENCE) },
		[{ do: "ping" }],
	];
}

function sessionAnswered(at: Connection, ok: boolean, now: number): Next {
	if (at.phase !== "session") return [at, []];
	return ok ? dial(at, now) : halt(at, 4401);
}

function halt(at: Connection, code: number): Next {
	return [{ ...at, phase: "stopped", wake: NEVER }, [{ do: "down" }, { do: "stopped", code }]];
}

function closed(at: Connection, code: number, retry: number | undefined, now: number, chance: number): Next {
	if (at.phase === "idle" || at.phase === "stopped" || at.phase === "waiting" || at.phase === "session")
		return [at, []];
	const settled = settle(at, now);
	switch (CLOSE_CODES[code]?.reaction) {
		case "stop":
			return halt(settled, code);
		case "reload":
			return [{ ...settled, phase: "stopped", wake: NEVER }, [{ do: "down" }, { do: "reload" }]];
		case "session":
			if (settled.renewed) return halt(settled, code);
			return [
				{ ...settled, phase: "session", wake: NEVER, renewed: true },
				[{ do: "down" }, { do: "session" }],
			];
		case "wait":
			return pause(settled, "held", now + (retry ?? TOO_FAST_WAIT) + chance * FIRST_WAIT, []);
		default:
			return lost(at, now, chance, []);
	}
}

/** What a link that lived long enough has proved. */
function settle(at: Connection, now: number): Connection {
	const proved = at.phase === "live" && now - at.liveSince >= SETTLED;
	return proved ? { ...at, attempt: 0, renewed: false } : at;
}

function lost(from: Connection, now: number, chance: number, first: ConnectionAction[]): Next {
	const at = settle(from, now);
	const wait = chance * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** at.attempt);
	return pause({ ...at, attempt: at.attempt + 1 }, "waiting", now + wait, first);
}

/** Nothing shortens the wait of `held`: the server named it. */
function pause(at: Connection, phase: "waiting" | "held", wake: number, first: ConnectionAction[]): Next {
	return [{ ...at, phase, wake, drainAt: NEVER }, [...first, { do: "down" }]];
}
