/**
 * Subscription to one window of the visitor list. Pure.
 * Answers carry no reference, so only one request is pending; a newer one waits for the answer.
 */
import type { WatchVisitors } from "@palique/client";

export type WindowRequest = Required<Omit<WatchVisitors, "type">>;

export interface Watch {
	readonly wanted: WindowRequest;
	/** The pending request. */
	readonly asked: WindowRequest | null;
	/** The request that the current window answers. */
	readonly answered: WindowRequest | null;
}

export interface Step {
	readonly watch: Watch;
	/** The request to send now. */
	readonly ask: WindowRequest | null;
}

export function watching(wanted: WindowRequest): Watch {
	return { wanted, asked: null, answered: null };
}

export function want(watch: Watch, wanted: WindowRequest): Step {
	return proceed({ ...watch, wanted });
}

export function answer(watch: Watch): Step {
	return proceed({ ...watch, asked: null, answered: watch.asked ?? watch.answered });
}

/** After a reconnect the request is sent again. */
export function connected(watch: Watch): Step {
	return proceed({ ...watch, asked: null, answered: null });
}

function proceed(watch: Watch): Step {
	if (watch.asked || same(watch.wanted, watch.answered)) return { watch, ask: null };
	return { watch: { ...watch, asked: watch.wanted }, ask: watch.wanted };
}

function same(one: WindowRequest, other: WindowRequest | null): boolean {
	return (
		other !== null &&
		one.sort === other.sort &&
		one.descending === other.descending &&
		one.offset === other.offset &&
		one.limit === other.limit &&
		FILTERS.every((name) => one.filter[name] === other.filter[name])
	);
}

const FILTERS = [
	"text",
	"state",
	"country",
	"page",
	"min_visits",
	"min_chats",
	"min_on_page_s",
	"min_on_site_s",
] as const;
