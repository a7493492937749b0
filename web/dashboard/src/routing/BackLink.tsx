import { Icon } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import { Link } from "./Link";
import type { Route } from "./route";

interface Props {
	to: Route;
	children: ComponentChildren;
}

/** Link in the head of a page to the list that has it. */
export function BackLink({ to, children }: Props) {
	return (
		<Link to={to} class="back">
			<Icon name="left" size={16} /> {children}
		</Link>
	);
}
