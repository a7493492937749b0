/**
 * Palique's chat widget in a single-page application: `loadPalique` adds the script tag once, and returns the calls of the one
 * global `Palique`, which may be used at once. They wait until the widget has arrived.
 */

/** The visitor as the page knows them. Fills only what is empty, and opens nothing: it is not signed. */
export interface Profile {
	name?: string;
	email?: string;
	phone?: string;
}

/** Values about the visit, such as a plan or an order number: agents see them by their keys. `null` removes one. */
export type Fields = Record<string, string | number | boolean | null>;

/** Events of the widget, with the value that a listener gets. */
export interface Events {
	/** Number of messages that the visitor has not read. */
	unread: number;
	/** The chat window was opened or closed. */
	open: boolean;
	/** A message was stored or arrived, with the kind of its author. The text stays in the chat. */
	message: { from: "visitor" | "agent" | "integration" | "system" };
}

/** The global `Palique`. */
export interface Palique {
	/** Show and hide the chat window. */
	open(): void;
	close(): void;
	/** Show and hide the widget: its button and its notices. */
	show(): void;
	hide(): void;
	/** Records consent that the page asked for itself. */
	consent(): void;
	/** Forgets this visitor, as at a sign-out. */
	reset(): void;
	profile(profile: Profile): void;
	/** Each value replaces that of its key; the others stay. They are not signed, and open nothing. */
	fields(fields: Fields): void;
	/** Writes a text into an empty message field; the visitor sends it or not. */
	prefill(text: string): void;
	on<Name extends keyof Events>(event: Name, listener: (value: Events[Name]) => void): void;
	/** Any of these calls, as a list of its name and its values. Works on an array too, before the widget has arrived. */
	push(call: Call): void;
}

export type Call =
	| {
			[Name in Exclude<keyof Palique, "push" | "on">]: [Name, ...Parameters<Palique[Name]>];
	  }[Exclude<keyof Palique, "push" | "on">]
	| ["on", keyof Events, (value: never) => void];

/** Attributes of the script tag, without `data-`. */
export interface Options {
	/** Address of the gateway, perhaps with a path, without `/widget.js`. */
	gateway: string;
	/** Key of the site. */
	site: string;
	language?: string;
	position?: "left" | "right";
	/** Distance from the side and from the bottom, as in CSS: `24px 80px`. */
	offset?: string;
	/** Without a button, until `show` is called. */
	hidden?: boolean;
	/** Names of the query parameters that agents may see; an empty list removes all. */
	query?: readonly string[];
}

const NAMES = [
	"open",
	"close",
	"show",
	"hide",
	"consent",
	"reset",
	"profile",
	"fields",
	"prefill",
	"on",
] as const;

/** Adds the widget to the page. A second call adds nothing. */
export function loadPalique({ gateway, site, language, position, offset, hidden, query }: Options): Palique {
	if (!document.querySelector('script[src*="/widget.js"][data-site]')) {
		const script = document.createElement("script");
		const attributes = {
			site,
			language,
			position,
			offset,
			hidden: hidden ? "" : undefined,
			query: query?.join(" "),
		};
		for (const [name, value] of Object.entries(attributes))
			if (value !== undefined) script.dataset[name] = value;
		script.async = true;
		script.src = `${gateway}/widget.js`;
		document.head.append(script);
	}
	return palique;
}

/** Reads the global at each call: it is a list of calls first, and the widget's once that has arrived. */
function push(call: unknown): void {
	const page = globalThis as { Palique?: { push(call: unknown): void } };
	page.Palique ??= [];
	page.Palique.push(call);
}

export const palique = { push } as unknown as Palique;
for (const name of NAMES) palique[name] = (...values: unknown[]) => push([name, ...values]);
