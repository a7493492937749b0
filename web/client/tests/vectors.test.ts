import { expect, test } from "vitest";
import vectors from "../../../tests/vectors/log_copy.json";
import { applyEntries, emptyLog, type Log, resetLog } from "../src/log";

interface Example {
	name: string;
	frames: { epoch?: number; seqs?: number[]; reset?: number }[];
	holds: { epoch: number; last: number; ahead: number[] | { from: number; to: number } };
}

function range(from: number, to: number): number[] {
	return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function after(log: Log, { epoch, seqs, reset }: Example["frames"][number]): Log {
	if (reset !== undefined) return resetLog(log, reset, 0);
	const [from = 0, to = 0] = seqs ?? [];
	const entry = (seq: number) => ({ conversation: "c", epoch: epoch ?? 0, seq, kind: "message" });
	return range(from, to).reduce((copy, seq) => applyEntries(copy, [entry(seq)]), log);
}

/** The same examples as in tests/unit/client: both clients must give the same copy. */
for (const { name, frames, holds } of vectors.examples as Example[])
	test(`a copy of a log: ${name}`, () => {
		const log = frames.reduce(after, emptyLog("c", 1));
		const ahead = Array.isArray(holds.ahead) ? holds.ahead : range(holds.ahead.from, holds.ahead.to);
		const held = { epoch: log.epoch, last: log.last, ahead: [...log.ahead.keys()].sort((a, b) => a - b) };
		expect(held).toEqual({ ...holds, ahead });
		expect(log.entries.map(({ seq }) => seq)).toEqual(range(1, log.last));
	});
