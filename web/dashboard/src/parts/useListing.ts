/** A paged list with a cursor. */
import { useEffect, useRef, useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";
import type { Listing } from "../api/shapes";
import { useLoad } from "./useLoad";

export interface Pages<Item> {
	/** `null` before the first answer. */
	items: readonly Item[] | null;
	/** Why the first page failed. */
	problem: Problem | null;
	/** Why the next page failed. */
	moreProblem: Problem | null;
	loading: boolean;
	/** Loads the next page; `null` at the end. */
	more: (() => void) | null;
	/** True if the search stopped at its limit; `more` continues it. */
	capped: boolean;
	reload: () => void;
}

type Load<Item> = (cursor: string | null, signal?: AbortSignal) => Promise<Listing<Item>>;

export function useListing<Item>(load: Load<Item>, key: readonly unknown[]): Pages<Item> {
	const first = useLoad((signal) => load(null, signal), key);
	const [failure, setFailure] = useState<Problem | null>(null);
	const [busy, setBusy] = useState(false);
	const listing = first.value;
	const shown = useRef(listing);
	shown.current = listing;
	// The problem belongs to another request.
	useEffect(() => setFailure(null), key);

	const more = async (cursor: string, before: Listing<Item>) => {
		setBusy(true);
		setFailure(null);
		try {
			const next = await load(cursor);
			// Ignore the page if the request has changed meanwhile.
			if (shown.current === before)
				first.set({ items: [...before.items, ...next.items], next: next.next, capped: next.capped ?? false });
		} catch (error) {
			if (shown.current === before) setFailure(asProblem(error));
		}
		setBusy(false);
	};
	return {
		items: listing?.items ?? null,
		problem: first.problem,
		moreProblem: failure,
		loading: first.loading || busy,
		capped: listing?.capped ?? false,
		more: listing?.next ? () => void more(listing.next as string, listing) : null,
		reload: first.reload,
	};
}
