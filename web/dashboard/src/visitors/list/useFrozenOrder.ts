/** Freezes the order of the list while the pointer moves over it, so that no row moves under a click. */
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { frozenOrder } from "./visibleRows";

// After this time without movement the order is released.
const FREEZE_MS = 5_000;

export function useFrozen() {
	const [frozen, setFrozen] = useState(false);
	const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
	useEffect(() => () => clearTimeout(timer.current), []);
	const release = useCallback(() => {
		clearTimeout(timer.current);
		setFrozen(false);
	}, []);
	const touch = useCallback(() => {
		clearTimeout(timer.current);
		timer.current = setTimeout(release, FREEZE_MS);
		setFrozen(true);
	}, [release]);
	return { frozen, touch, release };
}

/** A change of `listKey` (another window of the list) releases the order. */
export function useFrozenOrder(
	current: readonly string[],
	frozen: boolean,
	listKey: unknown,
): readonly string[] {
	const last = useRef({ order: current, listKey });
	const same = frozen && last.current.listKey === listKey;
	const order = same ? frozenOrder(last.current.order, current) : current;
	last.current = { order, listKey };
	return order;
}
