/** Moves the focus to the heading of a page that was opened, so that the keyboard continues there. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { mainHeading, moveFocus } from "../keyboard/FocusKeeper";
import { useStores } from "../StoresContext";
import { href, type Route } from "./route";

export function useRouteFocus(): void {
	const route = useStores().router.route.value;
	const before = useRef(route);
	useLayoutEffect(() => {
		const last = before.current;
		before.current = route;
		if (route !== last && !isDialogOnly(last, route)) moveFocus(mainHeading(document));
	}, [route]);
}

/** True if only the visitor's dialog opens or closes: it moves the focus itself. */
function isDialogOnly({ visitor: before, ...last }: Route, { visitor, ...route }: Route): boolean {
	return before !== visitor && href(last as Route) === href(route as Route);
}
