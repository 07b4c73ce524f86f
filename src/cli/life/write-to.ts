/** Writes, and waits where the reader is slower. @returns false where nobody reads any more */
export function writeTo(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<boolean> {
	if (stream.destroyed) return Promise.resolve(false);
	if (stream.listenerCount('error') === 0) stream.on('error', () => stream.destroy());
	if (stream.write(bytes)) return Promise.resolve(true);
	return new Promise(resolve => {
		const done = (isRead: boolean) => (): void => {
			stream.off('drain', drained);
			stream.off('close', closed);
			resolve(isRead);
		};
		const [drained, closed] = [done(true), done(false)];
		stream.once('drain', drained);
		stream.once('close', closed);
	});
}
