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
	const request = useRef<AbortController | null>(null);
	const [side, setSide] = useState<Side | null>(null);
	const [problem, setProblem] = useState<Problem | null>(null);
	useEffect(() => () => request.current?.abort(), [id, at]);

	const take = async (wanted: Side, log: ChatLog) => {
		const { entries } = log;
		request.current?.abort();
		const own = new AbortController();
		const { signal } = own;
		request.current = own;
		setSide(wanted);
		setProblem(null);
		try {
			const page = await api.logEntries(
				id,
				{
					...(wanted === "earlier" ? { before: firstSeq(entries) } : {}),
					...(wanted === "later" ? { after: lastSeq(entries) } : {}),
					...(wanted === "end" ? { before: log.head + 1 } : {}),
				},
				signal,
			);
			const now = shown.current;
			if (!signal.aborted && now) loaded.set(joined(now, page, wanted));
		} catch (error) {
			if (!signal.aborted) setProblem(asProblem(error));
		}
		if (request.current === own) {
			request.current = null;
			setSide(null);
		}
	};
	const page = (wanted: "earlier" | "later", log: ChatLog): PageLoader => ({
		loading: side === wanted,
		problem: side === null ? problem : null,
		load: () => {
			if (!request.current) void take(wanted, log);
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

function joined(log: ChatLog, page: LogEntries, side: Side): ChatLog {
	if (side === "earlier" || side === "later") return addEntries(log, page);
	return { ...log, epoch: page.epoch, head: page.head, entries: page.entries };
}
