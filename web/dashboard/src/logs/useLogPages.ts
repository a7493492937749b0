/** A chat's log, loaded in pages around an entry or from its end. */
import { useEffect, useRef, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";
import type { ChatLog, LogEntries } from "../api/shapes";
import type { PageLoader } from "../chats/OtherPage";
import { type Loaded, useLoad } from "../parts/useLoad";
import { useStores } from "../StoresContext";
import { addEntries, firstSeq, hasEarlier, hasLater, lastSeq } from "./logRange";

type Side = "earlier" | "later" | "start" | "end";

interface LogPages extends Loaded<ChatLog> {
	earlier: PageLoader | null;
	later: PageLoader | null;
	/** Replaces the loaded entries by those at the start or the end. */
	jump: (to: "start" | "end") => void;
}

/** `at`: the `seq` of the entry around which to begin; without it, the end. */
export function useLogPages(id: string, at: number | undefined): LogPages {
	const { api } = useStores();
	const loaded = useLoad((signal) => api.chatLog(id, at, signal), [api, id, at]);
	const shown = useRef(loaded.value);
	shown.current = loaded.value;
	const { side, problem, running, run } = usePageRequest([id, at]);

	const take = (wanted: Side, log: ChatLog) =>
		run(wanted, async (signal) => {
			const page = await api.logEntries(id, rangeOf(wanted, log), signal);
			const now = shown.current;
			if (!signal.aborted && now) loaded.set(joined(now, page, wanted));
		});
	const page = (wanted: "earlier" | "later", log: ChatLog): PageLoader => ({
		loading: side === wanted,
		problem: side === null ? problem : null,
		load: () => {
			if (!running()) void take(wanted, log);
		},
	});
	const log = loaded.value;
	return {
		...loaded,
		earlier: log && hasEarlier(log) ? page("earlier", log) : null,
		later: log && hasLater(log) ? page("later", log) : null,
		jump: (to) => {
			if (log) void take(to, log);
		},
	};
}

/** The request for a page: a later one aborts it, and so does a change of `key`. */
function usePageRequest(key: readonly unknown[]) {
	const request = useRef<AbortController | null>(null);
	const [side, setSide] = useState<Side | null>(null);
	const [problem, setProblem] = useState<Problem | null>(null);
	useEffect(() => () => request.current?.abort(), key);

	const run = async (wanted: Side, act: (signal: AbortSignal) => Promise<void>) => {
		request.current?.abort();
		const own = new AbortController();
		request.current = own;
		setSide(wanted);
		setProblem(null);
		try {
			await act(own.signal);
		} catch (error) {
			if (!own.signal.aborted) setProblem(asProblem(error));
		}
		if (request.current === own) {
			request.current = null;
			setSide(null);
		}
	};
	return { side, problem, running: () => request.current !== null, run };
}

function rangeOf(side: Side, { entries, head }: ChatLog): { before?: number; after?: number } {
	switch (side) {
		case "earlier":
			return { before: firstSeq(entries) };
		case "later":
			return { after: lastSeq(entries) };
		case "end":
			return { before: head + 1 };
		case "start":
			return {};
	}
}

function joined(log: ChatLog, page: LogEntries, side: Side): ChatLog {
	if (side === "earlier" || side === "later") return addEntries(log, page);
	return { ...log, epoch: page.epoch, head: page.head, entries: page.entries };
}
