/**
 * Layout of the chat windows in the dock. Pure state machine.
 * Invariants: one window a conversation; at most one is maximised. The list of chats is no window and stands left of them.
 * `recent` names the windows, last used first; where room is short, the least recently used are minimised.
 */
type WindowMode = "compact" | "minimised" | "maximised";

export interface ChatWindow {
	readonly conversation: string;
	readonly view: WindowMode;
}

/** Stored in browsers as it is: the names of the fields stay. */
export interface WindowLayout {
	readonly boxes: readonly ChatWindow[];
	readonly recent: readonly string[];
	/** True while the list of chats is open. */
	readonly list: boolean;
}

export const NO_WINDOWS: WindowLayout = { boxes: [], recent: [], list: false };

/** Opens a window to write in. It replaces a maximised one, if any, as the maximised window. */
export function open(layout: WindowLayout, conversation: string): WindowLayout {
	const found = find(layout, conversation);
	const maximised = layout.boxes.some(({ view }) => view === "maximised");
	if (found?.view === "maximised" || (found?.view === "compact" && !maximised))
		return markUsed(layout, conversation);
	const boxes = found ? layout.boxes : [...layout.boxes, { conversation, view: "minimised" as const }];
	return show({ ...layout, boxes }, conversation, maximised ? "maximised" : "compact");
}

/** Adds a minimised window, unless the conversation has one. */
export function addMinimised(layout: WindowLayout, conversation: string): WindowLayout {
	if (find(layout, conversation)) return layout;
	const added: ChatWindow = { conversation, view: "minimised" };
	return { ...layout, boxes: [...layout.boxes, added], recent: [...layout.recent, conversation] };
}

export function minimise(layout: WindowLayout, conversation: string): WindowLayout {
	return { ...layout, boxes: withMode(layout.boxes, conversation, "minimised") };
}

export function maximise(layout: WindowLayout, conversation: string): WindowLayout {
	return show(layout, conversation, "maximised");
}

export function restore(layout: WindowLayout, conversation: string): WindowLayout {
	return show(layout, conversation, "compact");
}

export function close(layout: WindowLayout, conversation: string): WindowLayout {
	return {
		...layout,
		boxes: layout.boxes.filter((other) => other.conversation !== conversation),
		recent: layout.recent.filter((other) => other !== conversation),
	};
}

export function toggleList(layout: WindowLayout): WindowLayout {
	return { ...layout, list: !layout.list };
}

/** Keeps at most `room` compact windows; minimises the least recently used of the others. */
export function fit(layout: WindowLayout, room: number): WindowLayout {
	const compact = layout.recent.filter((id) => find(layout, id)?.view === "compact");
	const excess = compact.slice(Math.max(0, room));
	return excess.reduce(minimise, layout);
}

export function find(layout: WindowLayout, conversation: string): ChatWindow | undefined {
	return layout.boxes.find((other) => other.conversation === conversation);
}

function show(layout: WindowLayout, conversation: string, view: WindowMode): WindowLayout {
	if (!find(layout, conversation)) return layout;
	const others =
		view === "maximised"
			? layout.boxes.map((other) =>
					other.view === "maximised" ? { ...other, view: "minimised" as const } : other,
				)
			: layout.boxes;
	return markUsed({ ...layout, boxes: withMode(others, conversation, view) }, conversation);
}

function withMode(
	windows: readonly ChatWindow[],
	conversation: string,
	view: WindowMode,
): readonly ChatWindow[] {
	return windows.map((other) => (other.conversation === conversation ? { ...other, view } : other));
}

function markUsed(layout: WindowLayout, conversation: string): WindowLayout {
	return { ...layout, recent: [conversation, ...layout.recent.filter((other) => other !== conversation)] };
}
