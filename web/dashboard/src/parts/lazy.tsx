import { type ComponentType, h } from "preact";
import { Failed, Skeleton } from "./EmptyState";
import { useLoad } from "./useLoad";

/** A component whose code is loaded when it is first shown. */
export function lazy<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
	return function Lazy(props: Props) {
		const code = useLoad(load, []);
		if (code.value) return h(code.value, props);
		return code.problem ? <Failed problem={code.problem} retry={code.reload} /> : <Skeleton />;
	};
}
