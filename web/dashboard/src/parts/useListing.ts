/** A list in pages, from a cursor on. */
import { useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";
import type { Listing } from "../api/shapes";
import { useLoad } from "./useLoad";

export interface Pages<Item> {
	/** `null` before the first answer. */
	items: readonly Item[] | null;
	problem: Problem | null;
	loading: boolean;
	/** Fetches the next page; missing at the end. */
	more: (() => void) | null;
	reload: () => void;
}

type Load<Item> = (cursor: string | null, signal?: AbortSignal) => Promise<Listing<Item>>;

export function useListing<Item>(load: Load<Item>, key: readonly unknown[]): Pages<Item> {
	const first = useLoad((signal) => load(null, signal), key);
	const [failure, setFailure] = useState<Problem | null>(null);
	const [busy, setBusy] = useState(false);
	const listing = first.value;

	const more = async (cursor: string, before: Listing<Item>) => {
		setBusy(true);
		setFailure(null);
		try {
			const next = await load(cursor);
			first.set({ items: [...before.items, ...next.items], next: next.next });
		} catch (error) {
			setFailure(asProblem(error));
		}
		setBusy(false);
	};
	return {
		items: listing?.items ?? null,
		problem: first.problem ?? failure,
		loading: first.loading || busy,
		more: listing?.next ? () => void more(listing.next as string, listing) : null,
		reload: first.reload,
	};
}
