/** Whether `linux.cgroupsPath` has the form that only the systemd driver takes: `slice:prefix:name`. */
export function isSystemdPath(cgroupsPath: string): boolean {
	return /^[^/:]*:[^/:]*:[^/:]+$/.test(cgroupsPath);
}
