import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CLOSE_CODES } from "../src/codes.gen";
import {
	type Connection,
	type ConnectionAction,
	type ConnectionInput,
	IDLE,
	stepConnection,
} from "../src/connection";

type Timed = [now: number, input: ConnectionInput];

const LIVE: Timed[] = [
	[0, { type: "start" }],
	[10, { type: "opened" }],
	[20, { type: "welcome", heartbeat: 20_000 }],
];

function run(
	steps: Timed[],
	chance = 0.5,
): { at: Connection; done: ConnectionAction["do"][]; last: ConnectionAction[] } {
	let at = IDLE;
	let last: ConnectionAction[] = [];
	const done: ConnectionAction["do"][] = [];
	for (const [now, input] of steps) {
		[at, last] = stepConnection(at, input, now, chance);
		done.push(...last.map((action) => action.do));
	}
	return { at, done, last };
}

test("hello goes first, and the welcome makes it live", () => {
	expect(run(LIVE).done).toEqual(["dial", "hello", "up"]);
});

describe("each close code has its reaction", () => {
	const expected = {
		reconnect: ["waiting", ["down"]],
		wait: ["held", ["down"]],
		stop: ["stopped", ["down", "stopped"]],
		reload: ["stopped", ["down", "reload"]],
		session: ["session", ["down", "session"]],
	} as const;
	for (const [code, { reaction }] of Object.entries(CLOSE_CODES)) {
		test(`${code}: ${reaction}`, () => {
			const { at, last } = run([...LIVE, [30, { type: "closed", code: Number(code) }]]);
			expect([at.phase, last.map((action) => action.do)]).toEqual(expected[reaction]);
		});
	}

	test("an unknown one, as of a lost network: reconnect", () => {
		expect(run([...LIVE, [30, { type: "closed", code: 1006 }]]).at.phase).toBe("waiting");
	});

	test("too fast waits as told", () => {
		const told = run([...LIVE, [30, { type: "closed", code: 4429, retry: 7_000 }]], 0);
		expect(told.at.wake).toBe(7_030);
	});
});

test("a new session is asked for once, then it stops; a link that lived allows it again", () => {
	const renewed: Timed[] = [
		...LIVE,
		[30, { type: "closed", code: 4401 }],
		[40, { type: "session", ok: true }],
	];
	const again: Timed[] = [
		[50, { type: "opened" }],
		[60, { type: "closed", code: 4401 }],
	];
	expect(run([...renewed, ...again]).at.phase).toBe("stopped");
	const lived: Timed[] = [
		[50, { type: "opened" }],
		[60, { type: "welcome", heartbeat: 20_000 }],
		[60_000, { type: "closed", code: 4401 }],
	];
	expect(run([...renewed, ...lived]).at.phase).toBe("session");
	expect(
		run([...LIVE, [30, { type: "closed", code: 4401 }], [40, { type: "session", ok: false }]]).at.phase,
	).toBe("stopped");
});

describe("full jitter from 0.5 s to 30 s", () => {
	test("the bound doubles with each failure and ends at 30 s", () => {
		let at = run(LIVE).at;
		const waits: number[] = [];
		for (let attempt = 0, now = 100; attempt < 9; attempt++) {
			[at] = stepConnection(at, { type: "closed", code: 1006 }, now, 1);
			waits.push(at.wake - now);
			now = at.wake;
			[at] = stepConnection(at, { type: "tick" }, now, 1);
		}
		expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
	});

	test("a link that is cut at once after the welcome does not start again with short waits", () => {
		const cut: Timed[] = [[30, { type: "closed", code: 4503 }]];
		expect(run([...LIVE, ...cut]).at.attempt).toBe(1);
		const later: Timed[] = [[20_000, { type: "closed", code: 4503 }]];
		const twice = [
			...LIVE,
			...cut,
			[600, { type: "tick" }],
			[601, { type: "opened" }],
			[602, { type: "welcome", heartbeat: 2e4 }],
		] as Timed[];
		expect(run([...twice, [700, { type: "closed", code: 4503 }]]).at.attempt).toBe(2);
		expect(run([...twice, ...later]).at.attempt).toBe(1);
	});
});

describe("a half-open link is found (I-4)", () => {
	test("pings leave every 20 s ± 20 %", () => {
		expect(run(LIVE, 0).at.wake).toBe(16_020);
		expect(run(LIVE, 1).at.wake).toBeCloseTo(24_020);
		expect(run([...LIVE, [20_020, { type: "tick" }]]).last).toEqual([{ do: "ping" }]);
	});

	test("two unanswered: abandoned and dialled anew; any frame counts as an answer", () => {
		const pings: Timed[] = [...LIVE, [20_020, { type: "tick" }], [40_020, { type: "tick" }]];
		expect(run([...pings, [60_020, { type: "tick" }]]).last.map((a) => a.do)).toEqual(["abandon", "down"]);
		expect(run([...pings, [50_000, { type: "heard" }], [60_020, { type: "tick" }]]).last).toEqual([
			{ do: "ping" },
		]);
	});

	test("after sleep the link must prove itself within seconds", () => {
		const woken = run([...LIVE, [3_600_000, { type: "wake" }]]);
		expect([woken.last, woken.at.wake]).toEqual([[{ do: "ping" }], 3_604_000]);
		expect(run([...LIVE, [3_600_000, { type: "wake" }], [3_604_000, { type: "tick" }]]).at.phase).toBe(
			"waiting",
		);
	});

	test("a dial or a greeting that hangs is abandoned", () => {
		expect(run([LIVE[0] as Timed, [10_000, { type: "tick" }]]).last.map((a) => a.do)).toEqual([
			"abandon",
			"down",
		]);
		expect(run([...LIVE.slice(0, 2), [10_000, { type: "tick" }]]).at.phase).toBe("waiting");
	});
});

test("a drain is followed by a new dial at a random moment within it, before the next ping", () => {
	const drained = run([...LIVE, [100, { type: "drain", within: 8_000 }]], 0.25);
	expect(drained.at.wake).toBe(2_100);
	const [at, actions] = stepConnection(drained.at, { type: "tick" }, 2_100, 0.25);
	expect([at.phase, actions]).toEqual(["dialling", [{ do: "dial" }]]);
});

test("when the network returns the wait is cut short, except one that the server named", () => {
	const waiting: Timed[] = [...LIVE, [30_000, { type: "closed", code: 4429, retry: 60_000 }]];
	expect(run([...waiting, [31_000, { type: "wake" }]]).at.wake).toBeGreaterThan(80_000);
	const lost: Timed[] = [
		[0, { type: "start" }],
		[5, { type: "closed", code: 1006 }],
	];
	expect(run([...lost, [10, { type: "wake" }]], 0.9).at.wake).toBeLessThanOrEqual(510);
});

test("whatever happens it is live, has a time to wake, awaits a session, or is stopped", () => {
	const code = fc.constantFrom(1000, 1006, ...Object.keys(CLOSE_CODES).map(Number));
	const input: fc.Arbitrary<ConnectionInput> = fc.oneof(
		fc.constantFrom<ConnectionInput>(
			{ type: "start" },
			{ type: "opened" },
			{ type: "welcome", heartbeat: 20_000 },
			{ type: "heard" },
			{ type: "drain", within: 5_000 },
			{ type: "wake" },
			{ type: "session", ok: true },
			{ type: "tick" },
		),
		code.map((value): ConnectionInput => ({ type: "closed", code: value })),
	);
	fc.assert(
		fc.property(
			fc.array(fc.tuple(input, fc.nat(30_000), fc.double({ min: 0, max: 0.999, noNaN: true }))),
			(events) => {
				let at = IDLE;
				let now = 0;
				for (const [event, later, chance] of events) {
					now += later;
					[at] = stepConnection(at, event, now, chance);
					const still = ["idle", "session", "stopped"].includes(at.phase);
					expect(still || Number.isFinite(at.wake)).toBe(true);
					if (at.phase === "waiting" || at.phase === "held")
						expect(at.wake - now).toBeLessThanOrEqual(30_500);
				}
			},
		),
	);
});
