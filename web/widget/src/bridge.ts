/**
 * Messages between the loader (in the host's page) and the application (in the iframe), by postMessage.
 * The loader owns the visitor's token, the socket, the storage and the button; the application owns the conversation and the
 * appearance. A string is a frame of the browser protocol, from or to the socket. No message contains the token. Both sides check
 * `source` and `origin`, and post to the other's origin only.
 * Loader and application may be of different versions: names stay compatible.
 */
import type { Cursor, Outgoing } from "@palique/client";

/** Public settings of the site, from the session call. Unknown fields are ignored. */
export interface SiteSettings {
	name?: string;
	colours: { light: Colours; dark: Colours };
	position: "left" | "right";
	/** Before the visitor agrees, nothing is stored or tracked. */
	consent?: boolean;
	/** By language; an empty text means the widget's default. */
	texts?: Record<string, { title: string; online: string; offline: string }>;
}

export interface Colours {
	background: string;
	text: string;
}

/** `up`, `down` (reconnecting), or the close code after which the loader stopped. */
export type ConnectionStatus = "up" | "down" | number;

/** State of the loader; sent as a whole after `ready` and after each change. */
export interface HostState {
	site: SiteSettings;
	link: ConnectionStatus;
	/** Chat is off for the site. Missing in older loaders. */
	off?: boolean | undefined;
	/** Unacknowledged messages that the loader stored over a reload. */
	kept: readonly Outgoing[];
	open: boolean;
	/** True when the visitor opened or closed the panel: the focus follows. */
	focus: boolean;
	/** The page hides the widget: no notices. Missing in older loaders, as the next two. */
	hidden?: boolean | undefined;
	/** The visitor's id. With another one the application starts again. */
	visitor?: string | undefined;
	/** A text of the page for an empty message field. */
	prefill?: string | undefined;
	/** Whether the panel was last shown ("1") or hidden ("") in this tab; missing if neither. */
	wanted?: string | undefined;
}

/** After `ready`: the state, then the last `welcome` and every frame since it, then new frames. */
export type MessageToApp = string | HostState;

export interface Commands {
	ready: object;
	/** Cursors for the next `hello` and `ping`. */
	cursors: { cursors: readonly Cursor[] };
	/** Stores a message over a reload where the application cannot; without an item, removes it. */
	keep: { clientId: string; item?: Outgoing };
	/**
	 * Style of button and panel; an empty badge is none. A `notice` stands before the page's title; empty is none. `unread` counts
	 * messages.
	 */
	look: { css: string; label: string; badge: string; notice?: string; unread?: number };
	show: { open: boolean; focus: boolean };
	/** The visitor asks to reconnect after a stop. */
	resume: object;
}

export type Command = { [Do in keyof Commands]: { do: Do } & Commands[Do] }[keyof Commands];

export type MessageToLoader = string | Command;
