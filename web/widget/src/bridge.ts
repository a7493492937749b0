/**
 * What the loader (in the host's page) and the application (in the iframe) say to each other by postMessage.
 *
 * The loader owns the visitor's token, the socket, the storage and the button; the application owns the conversation and how
 * everything looks once it is there. A string is a frame of the browser protocol, from or to the socket. No message carries the
 * token. Both sides check `source` and `origin` of what comes, and name the other's origin in what they post.
 */
import type { Cursor, Outgoing } from "@palique/client";

/** Public settings of the site, as the session call answers them; what this version does not know is left alone. */
export interface SiteSettings {
	name?: string;
	colours: { light: Colours; dark: Colours };
	position: "left" | "right";
	/** By language; an empty text is the widget's own. */
	texts?: Record<string, { title: string; online: string; offline: string }>;
}

export interface Colours {
	background: string;
	text: string;
}

/** `up`, `down` (it comes back by itself), or the close code that ended it. */
export type ConnectionStatus = "up" | "down" | number;

/** All that the application must know of its surroundings, sent whole after `ready` and at each change. */
export interface HostState {
	site: SiteSettings;
	link: ConnectionStatus;
	/** Messages that the loader kept over a reload. */
	kept: readonly Outgoing[];
	open: boolean;
	/** A person asked for what `open` now is: the focus follows. */
	focus: boolean;
	/** Whether the panel was shown ("1") or hidden ("") in this tab before, on this page or an earlier one. */
	wanted?: string | undefined;
}

/** After `ready` first the surroundings, then the last `welcome` and every frame since it, then whatever comes. */
export type MessageToApp = string | HostState;

export interface Commands {
	ready: object;
	/** For the next `hello` and `ping`. */
	cursors: { cursors: readonly Cursor[] };
	/** A message to keep over a reload, where the application cannot; without an item, one to forget. */
	keep: { clientId: string; item?: Outgoing };
	/** How button and panel look; the badge is empty for none. */
	look: { css: string; label: string; badge: string };
	show: { open: boolean; focus: boolean };
	/** A person wants the connection back that was given up. */
	resume: object;
}

export type Command = { [Do in keyof Commands]: { do: Do } & Commands[Do] }[keyof Commands];

export type MessageToLoader = string | Command;
