/** Freezes the order of the list while the pointer moves over it, so that no row moves under a click. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { heldOrder } from "./visibleRows";

// After this time without movement the order is released.
const HOLD_MS = 5_000;

export function useHold() {
	const [held, setHeld] = useState(false);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	useEffect(() => () => clearTimeout(timer.current), []);
	const release = useCallback(() => {
		clearTimeout(timer.current);
		setHeld(false);
	}, []);
	const touch = useCallback(() => {
		clearTimeout(timer.current);
		timer.current = setTimeout(release, HOLD_MS);
		setHeld(true);
	}, [release]);
	return { held, touch, release };
}

/** A change of `question` (another window of the list) releases the order. */
export function useSteadyOrder(
	current: readonly string[],
	held: boolean,
	question: unknown,
): readonly string[] {
	const steady = useRef({ order: current, question });
	const same = held && steady.current.question === question;
	const order = same ? heldOrder(steady.current.order, current) : current;
	steady.current = { order, question };
	return order;
}
