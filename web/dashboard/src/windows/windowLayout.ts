/**
 * The chat windows at the bottom and their states, as a pure machine.
 * Holds: one box a conversation; one maximised at most; the main chat window (the list of chats) is no box and stands left of
 * them. `recent` names boxes, last used first, and decides who gives way when the screen is too narrow.
 */
export type View = "compact" | "minimised" | "maximised";

export interface Box {
	readonly conversation: string;
	readonly view: View;
}

export interface WindowLayout {
	readonly boxes: readonly Box[];
	readonly recent: readonly string[];
	/** Is the main chat window open? */
	readonly list: boolean;
}

export const NO_WINDOWS: WindowLayout = { boxes: [], recent: [], list: false };

/** Opens ready to write; where a box is maximised, the opened one takes its place. */
export function open(state: WindowLayout, conversation: string): WindowLayout {
	const box = find(state, conversation);
	const maximised = state.boxes.some((other) => other.view === "maximised");
	if (box?.view === "maximised" || (box?.view === "compact" && !maximised)) return touch(state, conversation);
	const boxes = box ? state.boxes : [...state.boxes, { conversation, view: "minimised" as const }];
	return show({ ...state, boxes }, conversation, maximised ? "maximised" : "compact");
}

/** A place in the bar for a chat that calls, without taking the screen. */
export function announce(state: WindowLayout, conversation: string): WindowLayout {
	if (find(state, conversation)) return state;
	const box: Box = { conversation, view: "minimised" };
	return { ...state, boxes: [...state.boxes, box], recent: [...state.recent, conversation] };
}

export function minimise(state: WindowLayout, conversation: string): WindowLayout {
	return { ...state, boxes: withView(state.boxes, conversation, "minimised") };
}

export function maximise(state: WindowLayout, conversation: string): WindowLayout {
	return show(state, conversation, "maximised");
}

export function restore(state: WindowLayout, conversation: string): WindowLayout {
	return show(state, conversation, "compact");
}

export function dismiss(state: WindowLayout, conversation: string): WindowLayout {
	return {
		...state,
		boxes: state.boxes.filter((box) => box.conversation !== conversation),
		recent: state.recent.filter((other) => other !== conversation),
	};
}

/** A page is asked for, which a maximised window would hide; where one covers all (`narrow`), any open one. */
export function uncover(state: WindowLayout, narrow: boolean): WindowLayout {
	const hides = (box: Box) => box.view === "maximised" || (narrow && box.view === "compact");
	return state.boxes.filter(hides).reduce((now, box) => minimise(now, box.conversation), state);
}

export function toggleList(state: WindowLayout): WindowLayout {
	return { ...state, list: !state.list };
}

/** At most `room` compact boxes: those used longest ago are minimised. */
export function fit(state: WindowLayout, room: number): WindowLayout {
	const compact = state.recent.filter((id) => find(state, id)?.view === "compact");
	const over = new Set(compact.slice(Math.max(0, room)));
	if (over.size === 0) return state;
	const boxes = state.boxes.map((box) =>
		over.has(box.conversation) ? { ...box, view: "minimised" as const } : box,
	);
	return { ...state, boxes };
}

export function find(state: WindowLayout, conversation: string): Box | undefined {
	return state.boxes.find((box) => box.conversation === conversation);
}

function show(state: WindowLayout, conversation: string, view: View): WindowLayout {
	if (!find(state, conversation)) return state;
	const others =
		view === "maximised"
			? state.boxes.map((box) => (box.view === "maximised" ? { ...box, view: "minimised" as const } : box))
			: state.boxes;
	return touch({ ...state, boxes: withView(others, conversation, view) }, conversation);
}

function withView(boxes: readonly Box[], conversation: string, view: View): readonly Box[] {
	return boxes.map((box) => (box.conversation === conversation ? { ...box, view } : box));
}

function touch(state: WindowLayout, conversation: string): WindowLayout {
	if (!find(state, conversation)) return state;
	return { ...state, recent: [conversation, ...state.recent.filter((other) => other !== conversation)] };
}
