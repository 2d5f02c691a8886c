export * from './customer/customer.commands.js';
