import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useStores } from "../StoresContext";
import { href, type Route } from "./route";

interface Props {
	to: Route;
	class?: string;
	dir?: "auto";
	current?: boolean;
	label?: string;
	/** Tooltip with the full text, which may be truncated. */
	title?: string;
	/** Takes the focus when it appears, in the place of the control that had it. */
	focused?: boolean;
	/** Called after a plain click. */
	onFollow?: (() => void) | undefined;
	children: ComponentChildren;
}

/**
 * Link to a page of the dashboard. A plain click navigates without a page load; a middle click and "copy address" work as usual.
 */
export function Link({ to, current, label, title, focused, onFollow, children, class: name, dir }: Props) {
	const { router } = useStores();
	const follow = (event: MouseEvent) => {
		if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		event.preventDefault();
		event.stopPropagation();
		router.go(to);
		onFollow?.();
	};
	const anchor = useRef<HTMLAnchorElement>(null);
	useEffect(() => {
		if (focused) anchor.current?.focus();
	}, [focused]);
	return (
		<a
			ref={anchor}
			href={href(to)}
			class={name}
			dir={dir}
			aria-current={current ? "page" : undefined}
			aria-label={label}
			title={title}
			onClick={follow}
		>
			{children}
		</a>
	);
}
