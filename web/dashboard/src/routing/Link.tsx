import type { ComponentChildren } from "preact";
import { useStores } from "../StoresContext";
import { href, type Route } from "./route";

interface Props {
	to: Route;
	class?: string;
	current?: boolean;
	label?: string;
	/** All of what may be cut off. */
	title?: string;
	/** Told after a plain click. */
	onFollow?: (() => void) | undefined;
	children: ComponentChildren;
}

/** A real link, so that a middle click and "copy address" work; a plain click stays inside the application. */
export function Link({ to, current, label, title, onFollow, children, class: name }: Props) {
	const { router } = useStores();
	const follow = (event: MouseEvent) => {
		if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		event.preventDefault();
		event.stopPropagation();
		router.go(to);
		onFollow?.();
	};
	return (
		<a
			href={href(to)}
			class={name}
			aria-current={current ? "page" : undefined}
			aria-label={label}
			title={title}
			onClick={follow}
		>
			{children}
		</a>
	);
}
