import "./Avatar.css";
import { hue, initials } from "./initials";

interface Props {
	name: string;
	/** Colours stay with the person when the name changes. */
	seed?: string | undefined;
	photo?: string | null | undefined;
	/** Pixels. */
	size?: number;
}

/** A photo, or initials where there is none. Decoration: the name stands in text beside it. */
export function Avatar({ name, seed, photo, size = 32 }: Props) {
	const box = { width: `${size}px`, height: `${size}px`, fontSize: `${Math.round(size * 0.4)}px` };
	if (photo) return <img class="avatar" src={photo} alt="" style={box} referrerpolicy="no-referrer" />;
	const colour = { ...box, "--avatar-hue": String(hue(seed ?? name)) };
	return (
		<span class="avatar" style={colour} aria-hidden="true">
			{initials(name)}
		</span>
	);
}
