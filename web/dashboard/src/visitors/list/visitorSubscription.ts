/**
 * Subscription to one window of the visitor list. Pure.
 * Answers carry no reference, so only one request is pending; a newer one waits for the answer.
 */
import type { WatchVisitors } from "@palique/client";

export type WindowRequest = Required<Omit<WatchVisitors, "type">>;

export interface Subscription {
	readonly wanted: WindowRequest;
	/** The pending request. */
	readonly pending: WindowRequest | null;
	/** The request that the current window answers. */
	readonly answered: WindowRequest | null;
}

export interface Step {
	readonly subscription: Subscription;
	/** The request to send now. */
	readonly send: WindowRequest | null;
}

export function newSubscription(wanted: WindowRequest): Subscription {
	return { wanted, pending: null, answered: null };
}

export function setWanted(subscription: Subscription, wanted: WindowRequest): Step {
	return sendIfNeeded({ ...subscription, wanted });
}

export function answer(subscription: Subscription): Step {
	return sendIfNeeded({
		...subscription,
		pending: null,
		answered: subscription.pending ?? subscription.answered,
	});
}

/** A new connection: what is wanted is sent with its `hello`. */
export function connected({ wanted }: Subscription): Subscription {
	return { wanted, pending: wanted, answered: null };
}

function sendIfNeeded(subscription: Subscription): Step {
	if (subscription.pending || same(subscription.wanted, subscription.answered))
		return { subscription, send: null };
	return { subscription: { ...subscription, pending: subscription.wanted }, send: subscription.wanted };
}

function same(one: WindowRequest, other: WindowRequest | null): boolean {
	return (
		other !== null &&
		one.sort === other.sort &&
		one.descending === other.descending &&
		one.offset === other.offset &&
		one.limit === other.limit &&
		one.language === other.language &&
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
