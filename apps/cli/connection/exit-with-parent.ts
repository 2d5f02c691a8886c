/**
 * Preloaded into a server that a command started for itself: when the command is gone, however it ended, the server
 * shuts down too and gives the data folder back.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
