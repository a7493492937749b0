import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Reaction } from "../src/codes.gen";
import {
	type Action,
	AT_REST,
	type ConnectionState,
	DIALLING,
	HELD,
	LIVE,
	type Signal,
	STOPPED,
	stepConnection,
	WAITING,
} from "../src/connectionState";

type Timed = [now: number, signal: Signal, value?: number];

const STARTED: Timed[] = [
	[0, "start"],
	[20, "welcome", 20_000],
];

/** The next state, and the actions of the step. */
function stepped(
	at: ConnectionState,
	...signal: [signal: Signal, value: number, now: number, chance: number]
): [ConnectionState, Action[]] {
	const [change, ...actions] = stepConnection(at, ...signal);
	return [{ ...at, ...change }, actions];
}

function run(steps: Timed[], chance = 0.5): { at: ConnectionState; done: Action[]; last: Action[] } {
	let at = AT_REST;
	let last: Action[] = [];
	const done: Action[] = [];
	for (const [now, signal, value = 0] of steps) {
		[at, last] = stepped(at, signal, value, now, chance);
		done.push(...last);
	}
	return { at, done, last };
}

test("the welcome makes the connection live", () => {
	expect(run(STARTED)).toMatchObject({ at: { phase: LIVE }, done: ["dial"] });
});

describe("each reaction to a close code", () => {
	const expected = {
		reconnect: [WAITING, ["down"]],
		wait: [HELD, ["down"]],
		stop: [STOPPED, ["down", "stopped"]],
		reload: [STOPPED, ["down", "stopped"]],
		session: [STOPPED, ["down", "session"]],
	} as const;
	for (const [reaction, [phase, actions]] of Object.entries(expected)) {
		test(reaction, () => {
			const { at, last } = run([...STARTED, [30, reaction as Reaction]]);
			expect([at.phase, last]).toEqual([phase, actions]);
		});
	}

	test("4429 (too fast) waits for the time that the server named", () => {
		expect(run([...STARTED, [30, "wait", 7_000]], 0).at.wake).toBe(7_030);
	});
});

test("a new session is requested once, then the machine stops; a connection that lasted allows it again", () => {
	const renewed: Timed[] = [...STARTED, [30, "session"], [40, "start"], [50, "welcome", 20_000]];
	expect(run([...renewed, [60, "session"]]).last).toEqual(["down", "stopped"]);
	expect(run([...renewed, [20_050, "tick"], [30_000, "session"]]).last).toEqual(["down", "session"]);
});

describe("full jitter from 0.5 s to 30 s", () => {
	test("the bound doubles with each failure and ends at 30 s", () => {
		let at = run(STARTED).at;
		const waits: number[] = [];
		for (let attempt = 0, now = 100; attempt < 9; attempt++) {
			[at] = stepped(at, "reconnect", 0, now, 1);
			waits.push(at.wake - now);
			now = at.wake;
			[at] = stepped(at, "tick", 0, now, 1);
		}
		expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
	});

	test("a connection lost right after the welcome does not reset the back-off", () => {
		const twice: Timed[] = [...STARTED, [30, "reconnect"], [600, "tick"], [601, "welcome", 20_000]];
		expect(run([...twice, [700, "reconnect"]]).at.attempt).toBe(2);
		expect(run([...twice, [30_000, "tick"], [30_700, "reconnect"]]).at.attempt).toBe(1);
	});
});

describe("a half-open connection is detected (I-4)", () => {
	test("pings leave every 20 s ± 20 %", () => {
		expect(run(STARTED, 0).at.wake).toBe(16_020);
		expect(run(STARTED, 1).at.wake).toBeCloseTo(24_020);
		expect(run([...STARTED, [20_020, "tick"]]).last).toEqual(["ping"]);
	});

	test("after two unanswered pings it is dropped and dialled again", () => {
		const pings: Timed[] = [...STARTED, [20_020, "tick"], [40_020, "tick"]];
		expect(run([...pings, [60_020, "tick"]])).toMatchObject({ at: { phase: WAITING }, last: ["down"] });
		expect(run([...pings, [50_000, "pong"], [60_020, "tick"]]).last).toEqual(["ping"]);
	});

	test("after a wake the ping must be answered within 4 s", () => {
		const woken: Timed[] = [...STARTED, [3_600_000, "wake"]];
		expect(run(woken)).toMatchObject({ at: { wake: 3_604_000 }, last: ["ping"] });
		expect(run([...woken, [3_604_000, "tick"]]).at.phase).toBe(WAITING);
		expect(run([...woken, [3_600_100, "pong"], [3_604_000, "tick"]]).at.phase).toBe(LIVE);
	});

	test("a dial without a welcome is dropped after 10 s", () => {
		expect(
			run([
				[0, "start"],
				[10_000, "tick"],
			]),
		).toMatchObject({ at: { phase: WAITING }, last: ["down"] });
	});
});

test("after a drain it dials again at a random moment within the named time, before the next ping", () => {
	const drained = run([...STARTED, [100, "drain", 8_000]], 0.25);
	expect(drained.at.wake).toBe(2_100);
	const [at, actions] = stepped(drained.at, "tick", 0, 2_100, 0.25);
	expect([at.phase, actions]).toEqual([DIALLING, ["dial"]]);
});

test("a wake shortens the wait, except one that the server named", () => {
	expect(run([...STARTED, [30_000, "wait", 60_000], [31_000, "wake"]]).at.wake).toBeGreaterThan(80_000);
	const often: Timed[] = Array.from({ length: 7 }, (_, n) => [n, "reconnect"]);
	expect(run([...often, [10, "wake"]], 0.9).at.wake).toBeLessThanOrEqual(510);
});

test("after any signals it has a time to wake or is stopped", () => {
	const signals: Signal[] = [
		"start",
		"welcome",
		"pong",
		"drain",
		"wake",
		"tick",
		"reconnect",
		"wait",
		"session",
		"stop",
	];
	const step = fc.tuple(
		fc.constantFrom(...signals),
		fc.nat(30_000),
		fc.double({ min: 0, max: 0.999, noNaN: true }),
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 200, size: "max" }), (events) => {
			let at = AT_REST;
			let now = 0;
			for (const [signal, later, chance] of events) {
				now += later;
				[at] = stepped(at, signal, 20_000, now, chance);
				expect(at.phase === STOPPED || Number.isFinite(at.wake)).toBe(true);
				if (at.phase === WAITING || at.phase === HELD) expect(at.wake - now).toBeLessThanOrEqual(30_500);
			}
		}),
	);
});

test("a drain does not shorten a wait that the server named, nor start a stopped connection", () => {
	const held: Timed[] = [...STARTED, [30_000, "wait", 60_000]];
	expect(run([...held, [31_000, "drain", 1_000]]).at.wake).toBe(run(held).at.wake);
	const stopped: Timed[] = [...STARTED, [30_000, "stop"]];
	expect(run([...stopped, [31_000, "drain", 1_000], [40_000, "tick"]])).toMatchObject({
		at: { phase: STOPPED, wake: Number.POSITIVE_INFINITY },
		last: [],
	});
});

test.each<Reaction>(["stop", "wait", "reconnect"])("a late welcome after %s changes nothing", (reaction) => {
	const closed: Timed[] = [...STARTED, [30, reaction, 60_000]];
	expect(run([...closed, [31, "welcome", 20_000]]).at).toEqual(run(closed).at);
});
